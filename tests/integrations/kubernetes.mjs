// Argo's files by Argo's schemas: `kubernetes.mjs INTEGRATIONS`, with the schemas' packages in NODE_PATH.
//
// A cluster drops keys that it does not know without a word, and the validators pass over them. So each document is handed
// over as one that remembers what it was asked for: a key that nobody asked for is an error.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder] = process.argv.slice(2);
const modules = process.env.NODE_PATH;
const { parseAllDocuments } = createRequire(join(modules, 'here.js'))('yaml');
const load = (name) => import(pathToFileURL(join(modules, '@kubernetes-models', name, 'argoproj.io/v1alpha1/index.js')));

let faults = 0;
const fault = (file, words) => {
    faults += 1;
    console.error(`${file}: ${words}`);
};

/** The value, and what of it nobody asked for. */
function watched(value, path = '') {
    if (value === null || typeof value !== 'object') return [value, () => []];
    const parts = Object.entries(value).map(([key, part]) => [key, ...watched(part, `${path}/${key}`)]);
    const copy = Array.isArray(value) ? [] : {};
    parts.forEach(([key, part]) => { copy[key] = part; });
    const asked = new Set(Array.isArray(value) ? Object.keys(value) : []);
    const proxy = new Proxy(copy, {
        get: (target, key) => { asked.add(key); return target[key]; },
        // Whoever lists the keys takes any: labels, annotations.
        ownKeys: (target) => { Object.keys(target).forEach((key) => asked.add(key)); return Reflect.ownKeys(target); },
    });
    const passedOver = () => parts.flatMap(([key, , rest]) => (asked.has(key) ? rest() : [`${path}/${key}`]));
    return [proxy, passedOver];
}

async function check(file, module) {
    const kinds = await load(module);
    const { validate } = await import(pathToFileURL(join(modules, '@kubernetes-models', module, '_schemas', schema(module))));
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
        const plain = document.toJS();
        if (kinds[plain.kind] === undefined) fault(file, `unknown kind ${plain.kind}`);
        const [value, passedOver] = watched(plain);
        if (!validate(value)) validate.errors?.forEach((error) => fault(file, `${error.instancePath} ${error.message ?? error.keyword}`));
        passedOver().forEach((path) => fault(file, `${path} is unknown`));
    }
}

const schema = (module) => (module === 'argo-rollouts'
    ? 'ComGithubArgoprojArgoRolloutsPkgApisRolloutsV1alpha1AnalysisTemplate.js'
    : 'ComGithubArgoprojArgoWorkflowsV4PkgApisWorkflowV1alpha1WorkflowTemplate.js');

await check('argo-rollouts/analysis-template.yaml', 'argo-rollouts');
await check('argo-workflows/workflow-template.yaml', 'argo-workflows');
process.exit(faults === 0 ? 0 : 1);
