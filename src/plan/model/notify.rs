//! Who is told of what happens to a rollout. Holds settings; sends nothing and prints no address: a receiver is shown as its kind and
//! host.

use url::Url;

use crate::kind::words;
use crate::plan::HttpConfig;
use crate::secret::Secret;
use crate::units::Duration;
use crate::verdict::Verdict;

words! {
    /// What a receiver wants to be told of.
    pub enum ToldOf: "event of `notify`" {
        /// Any change of a gate's recorded verdict.
        Change = "change",
        /// A change to GO.
        Go = "GO",
        /// A change to HOLD.
        Hold = "HOLD",
        /// A change to NO-GO.
        NoGo = "NO-GO",
        /// A change to STOP.
        Stop = "STOP",
        /// A source does not answer any more.
        SourceAway = "source-away",
        /// It answers again.
        SourceBack = "source-back",
        /// A watch recorded its checkpoint.
        Checkpoint = "checkpoint",
        /// For a full day nobody has held a checkpoint.
        CheckpointDue = "checkpoint-due",
        /// A watch ended.
        End = "end",
    }
}

impl ToldOf {
    /// The change to a verdict.
    #[must_use]
    pub fn change_to(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Go => Self::Go,
            Verdict::Hold => Self::Hold,
            Verdict::NoGo => Self::NoGo,
            Verdict::Stop => Self::Stop,
        }
    }

    fn is_a_change(self) -> bool {
        match self {
            Self::Change | Self::Go | Self::Hold | Self::NoGo | Self::Stop => true,
            Self::SourceAway
            | Self::SourceBack
            | Self::Checkpoint
            | Self::CheckpointDue
            | Self::End => false,
        }
    }
}

/// An entry of `notify`.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Who.
    pub to: Recipient,
    /// Of what; at least one.
    pub on: Vec<ToldOf>,
    /// For one notice, further attempts included.
    pub timeout: Duration,
}

/// Who is told.
#[derive(Debug, Clone)]
pub enum Recipient {
    /// An incoming webhook of Slack.
    Slack(Hook),
    /// Whoever takes `CloudEvents`.
    Webhook(Hook),
    /// A program and its arguments, as written; never run by a shell.
    Exec(Vec<String>),
}

/// Where a notice is posted. Nothing of its address is shown but the host.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The address; in a plan that was read without an environment as written, `${NAME}` included.
    pub url: Secret,
    /// How to speak to it.
    pub http: HttpConfig,
}

impl Receiver {
    /// Whether it is told of an event; a change is named by the verdict that it leads to.
    #[must_use]
    pub fn wants(&self, event: ToldOf) -> bool {
        let any_change = event.is_a_change() && self.on.contains(&ToldOf::Change);
        any_change || self.on.contains(&event)
    }

    /// Whether it is a program that is run.
    #[must_use]
    pub fn is_program(&self) -> bool {
        matches!(self.to, Recipient::Exec(_))
    }

    /// Kind and host, or the file name of the program: `slack hooks.slack.com`, `exec page.sh`.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.to {
            Recipient::Slack(hook) => format!("slack {}", hook.host()),
            Recipient::Webhook(hook) => format!("webhook {}", hook.host()),
            Recipient::Exec(words) => {
                let program = words.first().map_or("", String::as_str);
                let name = program.rsplit('/').next().unwrap_or(program);
                format!("exec {name}")
            }
        }
    }
}

impl Hook {
    fn host(&self) -> String {
        let url = Url::parse(self.url.expose()).ok();
        let host = url.and_then(|url| url.host_str().map(str::to_owned));
        host.filter(|host| !host.contains(['$', '{', '%']))
            .unwrap_or_else(|| "…".to_owned())
    }
}
