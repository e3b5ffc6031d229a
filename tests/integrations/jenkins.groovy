// What a Jenkinsfile finds when Jenkins runs it, as far as ours goes: `jenkins.groovy JENKINSFILE`, in the workspace.
// Blocks and steps are those of declarative pipelines; `sh` runs a real shell. Prints the result and the description.

class Build {
    static final List<String> WORSE = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']
    String result = 'SUCCESS'
    String description = ''

    // Jenkins lets a result only become worse.
    void setResult(String wanted) {
        assert wanted in WORSE
        if (WORSE.indexOf(wanted) > WORSE.indexOf(result)) { this.@result = wanted }
    }
}

abstract class Pipeline extends Script {
    Build currentBuild = new Build()
    Map env = [:]
    List<String> kept = []
    List<Closure> afterwards = []

    void pipeline(Closure body) {
        within(body)
        // Whatever came before.
        afterwards.each { within(it) }
        println "RESULT ${currentBuild.result}"
        println "DESCRIPTION ${currentBuild.description}"
        println "KEPT ${kept.join(' ')}"
    }

    void agent(Object kind) { assert kind == 'any' }
    String getAny() { 'any' }
    void options(Closure body) { within(body) }
    void disableConcurrentBuilds() { }
    void timeout(Map limits) { assert limits.time > 0 }
    void parameters(Closure body) { within(body) }
    void string(Map told) { parameter(told) }
    void text(Map told) { parameter(told) }
    void stages(Closure body) {
        try {
            within(body)
        } catch (Error | Exception failure) {
            System.err.println(failure.message)
            currentBuild.result = 'FAILURE'
        }
    }

    void stage(String name, Closure body) { within(body) }
    void steps(Closure body) { within(body) }
    void script(Closure body) { within(body) }
    void post(Closure body) { afterwards << body }
    void always(Closure body) { within(body) }
    void error(String message) { throw new IllegalStateException(message) }
    String readFile(String path) { new File(path).text }
    void archiveArtifacts(Map told) { assert told.allowEmptyArchive; kept << 'artifacts' }
    void junit(Map told) { assert told.skipMarkingBuildUnstable && told.allowEmptyResults; kept << 'junit' }

    Integer sh(Map told) {
        assert told.returnStatus
        File file = new File('block')
        file.text = told.script
        assert told.script.startsWith('#!/bin/sh\n') : 'otherwise Jenkins prints each command with its values'
        ProcessBuilder builder = new ProcessBuilder(['sh', 'block'])
        builder.environment().putAll(env)
        builder.inheritIO().start().waitFor()
    }

    // Parameters are variables of the shell, as given from outside or with their defaults.
    void parameter(Map told) {
        env[told.name] = System.getenv(told.name) ?: told.defaultValue
    }

    void within(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body()
    }
}

def settings = new org.codehaus.groovy.control.CompilerConfiguration(scriptBaseClass: Pipeline.name)
new GroovyShell(Pipeline.classLoader, new Binding(), settings).parse(new File(args[0])).run()
