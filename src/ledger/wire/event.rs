//! The keys of each kind of entry, writer and reader side by side. A key without a value is `null`, never omitted.

use super::super::strict_json::{Keys, Node, Wrong};
use super::super::{
    Checked, Event, EventKind, FileKept, GateChecked, IncidentDetails, LetGo, NotMet, Notified,
    RollbackTold, SetAside, StageLeft, StepTold, Trip, Watch,
};
use super::{instant, read_instant, verdict, word};
use crate::units::{Duration, Instant};

/// The event's own keys, in their order.
pub(super) fn write(event: &Event) -> Vec<(&'static str, Node)> {
    match event {
        Event::Started {
            stage,
            at,
            overridden,
            vars,
            sources,
        } => vec![
            ("stage", Node::text(stage)),
            ("started_at", instant(*at)),
            ("overridden", Node::Bool(*overridden)),
            ("vars", texts(vars)),
            ("sources", texts(sources)),
        ],
        Event::Checked(checked) => write_checked(checked),
        Event::Confirmed {
            stage,
            id,
            answer,
            text_sha256,
        } => vec![
            ("stage", Node::text(stage)),
            ("id", Node::text(id)),
            ("answer", Node::text(answer.word())),
            ("text_sha256", Node::text(text_sha256)),
        ],
        Event::Approved {
            gate,
            role,
            evidence_sha256,
            evidence_path,
            verdict_without_approvals,
            expires,
            revoked,
        } => vec![
            ("gate", Node::text(&gate.to_string())),
            ("role", Node::text(role)),
            ("evidence_sha256", Node::text(evidence_sha256)),
            ("evidence_path", Node::text(evidence_path)),
            (
                "verdict_without_approvals",
                verdict(*verdict_without_approvals),
            ),
            ("expires", optional_instant(*expires)),
            ("revoked", Node::Bool(*revoked)),
        ],
        Event::IncidentOpened {
            id,
            stage,
            opened_at,
            details,
        } => {
            let mut keys = vec![
                ("id", Node::text(id)),
                ("stage", Node::optional(stage.as_deref())),
                ("opened_at", optional_instant(*opened_at)),
            ];
            keys.extend(write_details(details));
            keys
        }
        Event::IncidentUpdated { id, details } => {
            let mut keys = vec![("id", Node::text(id))];
            keys.extend(write_details(details));
            keys
        }
        Event::IncidentClosed { id } => vec![("id", Node::text(id))],
        Event::Paused { stage } | Event::Resumed { stage } => vec![("stage", Node::text(stage))],
        Event::RolledBack { stage, told } | Event::RollbackUpdated { stage, told } => {
            let mut keys = vec![("stage", Node::text(stage))];
            keys.extend(write_rollback(told));
            keys
        }
        Event::Reopened { stage, stages } => {
            vec![("stage", Node::text(stage)), ("stages", texts(stages))]
        }
        Event::Superseded { .. } => write_superseded(event),
        Event::Overridden {
            gate,
            verdict: overridden,
            evidence_sha256,
            expires,
        } => vec![
            ("gate", Node::text(&gate.to_string())),
            ("verdict", verdict(*overridden)),
            ("evidence_sha256", Node::text(evidence_sha256)),
            ("expires", instant(*expires)),
        ],
        Event::Noted { .. } => write_noted(event),
        Event::Repaired { torn } => vec![("torn", Node::text(torn))],
        Event::LedgerBegun { set_aside } => {
            vec![("set_aside", Node::list(set_aside, write_set_aside))]
        }
        Event::Imported { .. } => write_imported(event),
        Event::Watch(watch) => write_watch(watch),
    }
}

/// The event of a kind, from its own keys.
pub(super) fn read(kind: EventKind, keys: &mut Keys) -> Result<Event, Wrong> {
    Ok(match kind {
        EventKind::Started => Event::Started {
            stage: keys.text("stage")?,
            at: read_instant(&keys.text("started_at")?)?,
            overridden: keys.bool("overridden")?,
            vars: keys.list("vars", |var| var.into_text("a variable"))?,
            sources: keys.list("sources", |one| one.into_text("a source"))?,
        },
        EventKind::Checked => Event::Checked(read_checked(keys)?),
        EventKind::Confirmed => Event::Confirmed {
            stage: keys.text("stage")?,
            id: keys.text("id")?,
            answer: word(&keys.text("answer")?)?,
            text_sha256: keys.text("text_sha256")?,
        },
        EventKind::Approved => Event::Approved {
            gate: word(&keys.text("gate")?)?,
            role: keys.text("role")?,
            evidence_sha256: keys.text("evidence_sha256")?,
            evidence_path: keys.text("evidence_path")?,
            verdict_without_approvals: word(&keys.text("verdict_without_approvals")?)?,
            expires: read_optional_instant(keys.optional_text("expires")?)?,
            revoked: keys.bool("revoked")?,
        },
        EventKind::IncidentOpened => Event::IncidentOpened {
            id: keys.text("id")?,
            stage: keys.optional_text("stage")?,
            opened_at: read_optional_instant(keys.optional_text("opened_at")?)?,
            details: read_details(keys)?,
        },
        EventKind::IncidentUpdated => Event::IncidentUpdated {
            id: keys.text("id")?,
            details: read_details(keys)?,
        },
        EventKind::IncidentClosed => Event::IncidentClosed {
            id: keys.text("id")?,
        },
        EventKind::Paused => Event::Paused {
            stage: keys.text("stage")?,
        },
        EventKind::Resumed => Event::Resumed {
            stage: keys.text("stage")?,
        },
        EventKind::RolledBack => Event::RolledBack {
            stage: keys.text("stage")?,
            told: read_rollback(keys)?,
        },
        EventKind::RollbackUpdated => Event::RollbackUpdated {
            stage: keys.text("stage")?,
            told: read_rollback(keys)?,
        },
        EventKind::Reopened => Event::Reopened {
            stage: keys.text("stage")?,
            stages: keys.list("stages", |one| one.into_text("a stage"))?,
        },
        EventKind::Superseded => Event::Superseded {
            from: keys.optional_text("from")?,
            stages: keys.list("stages", |one| one.into_text("a stage"))?,
            left: keys.list("left", |one| read_left(Keys::of(one)?))?,
            keep_window: keys.bool("keep_window")?,
            let_go: keys.list("let_go", |one| read_let_go(Keys::of(one)?))?,
        },
        EventKind::Overridden => Event::Overridden {
            gate: word(&keys.text("gate")?)?,
            verdict: word(&keys.text("verdict")?)?,
            evidence_sha256: keys.text("evidence_sha256")?,
            expires: read_instant(&keys.text("expires")?)?,
        },
        EventKind::Noted => Event::Noted {
            stage: keys.optional_text("stage")?,
            text: keys.text("text")?,
            checkpoint: keys.bool("checkpoint")?,
            role: keys.optional_text("role")?,
            reviewed_issues: keys.bool("reviewed_issues")?,
            lesson: keys.bool("lesson")?,
            takes_back: keys
                .has("takes_back")
                .then(|| keys.number("takes_back"))
                .transpose()?,
        },
        EventKind::Repaired => Event::Repaired {
            torn: keys.text("torn")?,
        },
        EventKind::LedgerBegun => Event::LedgerBegun {
            set_aside: keys.list("set_aside", |one| read_set_aside(Keys::of(one)?))?,
        },
        EventKind::Imported => Event::Imported {
            file: keys.text("file")?,
            head_sha256: keys.text("head_sha256")?,
            lines: keys.list("lines", |line| line.into_text("a digest"))?,
        },
        EventKind::WatchStarted => Event::Watch(Watch::Started {
            gates: keys.list("gates", |gate| word(&gate.into_text("a gate")?))?,
            every: read_duration(&keys.text("every")?)?,
            host: keys.text("host")?,
        }),
        EventKind::WatchEnded => Event::Watch(read_ended(keys)?),
    })
}

fn read_ended(keys: &mut Keys) -> Result<Watch, Wrong> {
    Ok(Watch::Ended {
        began: keys.number("began")?,
        reason: word(&keys.text("reason")?)?,
        verdict: (keys.optional_text("verdict")?)
            .map(|verdict| word(&verdict))
            .transpose()?,
        rounds: keys.number("rounds")?,
        watched: Duration::from_secs(
            i64::try_from(keys.number("watched_seconds")?)
                .map_err(|_| "`watched_seconds` is out of range".to_owned())?,
        ),
        evidence_sha256: keys.optional_text("evidence_sha256")?,
        notices: keys.list("notices", |one| read_notified(Keys::of(one)?))?,
    })
}

fn write_notified(one: &Notified) -> Node {
    Node::object([
        ("to", Node::text(&one.to)),
        ("event", Node::text(&one.event)),
        ("result", Node::text(&one.result)),
        ("attempts", Node::Number(one.attempts)),
    ])
}

fn read_notified(mut keys: Keys) -> Result<Notified, Wrong> {
    let one = Notified {
        to: keys.text("to")?,
        event: keys.text("event")?,
        result: keys.text("result")?,
        attempts: keys.number("attempts")?,
    };
    keys.end()?;
    Ok(one)
}

fn write_watch(watch: &Watch) -> Vec<(&'static str, Node)> {
    match watch {
        Watch::Started { gates, every, host } => vec![
            (
                "gates",
                Node::list(gates, |gate| Node::text(&gate.to_string())),
            ),
            ("every", Node::text(&every.to_string())),
            ("host", Node::text(host)),
        ],
        Watch::Ended {
            began,
            reason,
            verdict: last,
            rounds,
            watched,
            evidence_sha256,
            notices,
        } => vec![
            ("began", Node::Number(*began)),
            ("reason", Node::text(reason.word())),
            ("verdict", last.map_or(Node::Null, verdict)),
            ("rounds", Node::Number(*rounds)),
            (
                "watched_seconds",
                Node::Number(watched.millis().unsigned_abs() / 1000),
            ),
            (
                "evidence_sha256",
                Node::optional(evidence_sha256.as_deref()),
            ),
            ("notices", Node::list(notices, write_notified)),
        ],
    }
}

/// Of any other event it has nothing to write.
fn write_imported(event: &Event) -> Vec<(&'static str, Node)> {
    let Event::Imported {
        file,
        head_sha256,
        lines,
    } = event
    else {
        return Vec::new();
    };
    vec![
        ("file", Node::text(file)),
        ("head_sha256", Node::text(head_sha256)),
        ("lines", Node::list(lines, |line| Node::text(line))),
    ]
}

/// Of any other event it has nothing to write.
fn write_superseded(event: &Event) -> Vec<(&'static str, Node)> {
    let Event::Superseded {
        from,
        stages,
        left,
        keep_window,
        let_go,
    } = event
    else {
        return Vec::new();
    };
    vec![
        ("from", Node::optional(from.as_deref())),
        ("stages", texts(stages)),
        ("left", Node::list(left, write_left)),
        ("keep_window", Node::Bool(*keep_window)),
        ("let_go", Node::list(let_go, write_let_go)),
    ]
}

fn write_let_go(one: &LetGo) -> Node {
    Node::object([
        ("stage", Node::text(&one.stage)),
        ("what", Node::text(&one.what)),
    ])
}

fn read_let_go(mut keys: Keys) -> Result<LetGo, Wrong> {
    let one = LetGo {
        stage: keys.text("stage")?,
        what: keys.text("what")?,
    };
    keys.end()?;
    Ok(one)
}

fn write_left(left: &StageLeft) -> Node {
    Node::object([
        ("stage", Node::text(&left.stage)),
        ("followed_by", texts(&left.followed_by)),
    ])
}

fn read_left(mut keys: Keys) -> Result<StageLeft, Wrong> {
    let left = StageLeft {
        stage: keys.text("stage")?,
        followed_by: keys.list("followed_by", |one| one.into_text("a stage"))?,
    };
    keys.end()?;
    Ok(left)
}

/// Of any other event it has nothing to write.
fn write_noted(event: &Event) -> Vec<(&'static str, Node)> {
    let Event::Noted {
        stage,
        text,
        checkpoint,
        role,
        reviewed_issues,
        lesson,
        takes_back,
    } = event
    else {
        return Vec::new();
    };
    let mut keys = vec![
        ("stage", Node::optional(stage.as_deref())),
        ("text", Node::text(text)),
        ("checkpoint", Node::Bool(*checkpoint)),
        ("role", Node::optional(role.as_deref())),
        ("reviewed_issues", Node::Bool(*reviewed_issues)),
        ("lesson", Node::Bool(*lesson)),
    ];
    keys.extend(takes_back.map(|number| ("takes_back", Node::Number(number))));
    keys
}

fn write_checked(checked: &Checked) -> Vec<(&'static str, Node)> {
    vec![
        ("evaluated_at", instant(checked.evaluated_at)),
        ("release", Node::text(&checked.release)),
        ("plan_sha256", Node::text(&checked.plan_sha256)),
        ("vars", texts(&checked.vars)),
        ("sources", texts(&checked.sources)),
        ("evidence_path", Node::text(&checked.evidence_path)),
        ("evidence_sha256", Node::text(&checked.evidence_sha256)),
        ("verdict", verdict(checked.verdict)),
        ("gates", Node::list(&checked.gates, write_gate)),
    ]
}

fn read_checked(keys: &mut Keys) -> Result<Checked, Wrong> {
    Ok(Checked {
        evaluated_at: read_instant(&keys.text("evaluated_at")?)?,
        release: keys.text("release")?,
        plan_sha256: keys.text("plan_sha256")?,
        vars: keys.list("vars", |var| var.into_text("a variable"))?,
        sources: keys.list("sources", |one| one.into_text("a source"))?,
        evidence_path: keys.text("evidence_path")?,
        evidence_sha256: keys.text("evidence_sha256")?,
        verdict: word(&keys.text("verdict")?)?,
        gates: keys.list("gates", |gate| read_gate(Keys::of(gate)?))?,
    })
}

fn texts(texts: &[String]) -> Node {
    Node::list(texts, |text| Node::text(text))
}

fn write_gate(gate: &GateChecked) -> Node {
    Node::object([
        ("gate", Node::text(&gate.gate.to_string())),
        ("verdict", verdict(gate.verdict)),
        (
            "verdict_without_approvals",
            verdict(gate.verdict_without_approvals),
        ),
        ("look", Node::Bool(gate.look)),
        ("outlook", Node::Bool(gate.outlook)),
        ("start_disputed", Node::Bool(gate.start_disputed)),
        ("tripped", Node::list(&gate.tripped, write_trip)),
        ("not_met", Node::list(&gate.not_met, write_not_met)),
    ])
}

fn read_gate(mut keys: Keys) -> Result<GateChecked, Wrong> {
    let gate = GateChecked {
        gate: word(&keys.text("gate")?)?,
        verdict: word(&keys.text("verdict")?)?,
        verdict_without_approvals: word(&keys.text("verdict_without_approvals")?)?,
        look: keys.bool("look")?,
        outlook: keys.bool("outlook")?,
        start_disputed: keys.bool("start_disputed")?,
        tripped: keys.list("tripped", |trip| read_trip(Keys::of(trip)?))?,
        not_met: keys.list("not_met", |one| read_not_met(Keys::of(one)?))?,
    };
    keys.end()?;
    Ok(gate)
}

fn write_trip(trip: &Trip) -> Node {
    Node::object([
        ("kind", Node::text(trip.kind.word())),
        ("name", Node::text(&trip.name)),
        ("condition", Node::optional(trip.condition.as_deref())),
        ("reason", Node::text(&trip.reason)),
    ])
}

fn read_trip(mut keys: Keys) -> Result<Trip, Wrong> {
    let trip = Trip {
        kind: word(&keys.text("kind")?)?,
        name: keys.text("name")?,
        condition: keys.optional_text("condition")?,
        reason: keys.text("reason")?,
    };
    keys.end()?;
    Ok(trip)
}

fn write_not_met(one: &NotMet) -> Node {
    Node::object([
        ("list", Node::text(one.list.word())),
        ("kind", Node::text(one.kind.word())),
        ("name", Node::text(&one.name)),
        ("condition", Node::optional(one.condition.as_deref())),
        ("unmet", Node::Bool(one.unmet)),
        ("measured", Node::optional(one.measured.as_deref())),
    ])
}

fn read_not_met(mut keys: Keys) -> Result<NotMet, Wrong> {
    let one = NotMet {
        list: word(&keys.text("list")?)?,
        kind: word(&keys.text("kind")?)?,
        name: keys.text("name")?,
        condition: keys.optional_text("condition")?,
        unmet: keys.bool("unmet")?,
        measured: keys.optional_text("measured")?,
    };
    keys.end()?;
    Ok(one)
}

fn write_details(details: &IncidentDetails) -> Vec<(&'static str, Node)> {
    vec![
        ("severity", Node::optional(details.severity.as_deref())),
        (
            "description",
            Node::optional(details.description.as_deref()),
        ),
        ("workaround", Node::optional(details.workaround.as_deref())),
        ("owner", Node::optional(details.owner.as_deref())),
        ("target", optional_instant(details.target)),
    ]
}

fn read_details(keys: &mut Keys) -> Result<IncidentDetails, Wrong> {
    Ok(IncidentDetails {
        severity: keys.optional_text("severity")?,
        description: keys.optional_text("description")?,
        workaround: keys.optional_text("workaround")?,
        owner: keys.optional_text("owner")?,
        target: read_optional_instant(keys.optional_text("target")?)?,
    })
}

fn write_set_aside(record: &SetAside) -> Node {
    Node::object([
        ("path", Node::text(&record.path)),
        ("sha256", Node::text(&record.sha256)),
    ])
}

fn read_set_aside(mut keys: Keys) -> Result<SetAside, Wrong> {
    let record = SetAside {
        path: keys.text("path")?,
        sha256: keys.text("sha256")?,
    };
    keys.end()?;
    Ok(record)
}

fn write_rollback(told: &RollbackTold) -> Vec<(&'static str, Node)> {
    vec![
        ("options", texts(&told.options)),
        ("steps", Node::list(&told.steps, write_step)),
        ("cause", Node::optional(told.cause.as_deref())),
        ("fix", Node::optional(told.fix.as_deref())),
        ("files", Node::list(&told.files, write_file)),
    ]
}

fn read_rollback(keys: &mut Keys) -> Result<RollbackTold, Wrong> {
    Ok(RollbackTold {
        options: keys.list("options", |one| one.into_text("an option"))?,
        steps: keys.list("steps", |step| read_step(Keys::of(step)?))?,
        cause: keys.optional_text("cause")?,
        fix: keys.optional_text("fix")?,
        files: keys.list("files", |file| read_file(Keys::of(file)?))?,
    })
}

fn write_step(step: &StepTold) -> Node {
    let took = step.took.map(|took| took.to_string());
    Node::object([
        ("number", Node::Number(step.number as u64)),
        ("option", Node::optional(step.option.as_deref())),
        ("do", Node::text(&step.action)),
        ("state", Node::text(step.state.word())),
        ("by", Node::optional(step.by.as_deref())),
        ("took", Node::optional(took.as_deref())),
    ])
}

fn read_step(mut keys: Keys) -> Result<StepTold, Wrong> {
    let step = StepTold {
        number: usize::try_from(keys.number("number")?)
            .map_err(|_| "`number` is out of range".to_owned())?,
        option: keys.optional_text("option")?,
        action: keys.text("do")?,
        state: word(&keys.text("state")?)?,
        by: keys.optional_text("by")?,
        took: keys
            .optional_text("took")?
            .map(|took| read_duration(&took))
            .transpose()?,
    };
    keys.end()?;
    Ok(step)
}

fn write_file(file: &FileKept) -> Node {
    Node::object([
        ("path", Node::text(&file.path)),
        ("sha256", Node::text(&file.sha256)),
        ("bytes", Node::Number(file.bytes)),
    ])
}

fn read_file(mut keys: Keys) -> Result<FileKept, Wrong> {
    let file = FileKept {
        path: keys.text("path")?,
        sha256: keys.text("sha256")?,
        bytes: keys.number("bytes")?,
    };
    keys.end()?;
    Ok(file)
}

fn read_duration(text: &str) -> Result<Duration, Wrong> {
    let read = Duration::parse(text).ok();
    read.filter(|took| took.to_string() == text)
        .ok_or_else(|| format!("`{text}` is not a duration such as `1h30m`"))
}

fn optional_instant(at: Option<Instant>) -> Node {
    at.map_or(Node::Null, instant)
}

fn read_optional_instant(text: Option<String>) -> Result<Option<Instant>, Wrong> {
    text.map(|text| read_instant(&text)).transpose()
}
