//! What the plans of one run share: how many requests a server gets at a time, and whether it is lost.
//!
//! Must not know a request, an answer or a secret.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::Url;
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::settings::Settings;

/// The servers of a run. Plans that ask the same server share its limit, in the order in which they ask, and do not
/// each have to find out that it is lost.
#[derive(Debug, Default)]
pub struct Pool {
    permits: Mutex<BTreeMap<String, Arc<Semaphore>>>,
    standings: Mutex<BTreeMap<String, Arc<Standing>>>,
}

/// Whether a server has answered so far.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// It has answered a question in this run.
    pub(super) answered: AtomicBool,
    /// How many questions it left unanswered for a whole timeout.
    pub(super) expired: AtomicUsize,
    /// Why it is lost.
    pub(super) lost: OnceLock<Fault>,
}

impl Pool {
    /// At most this many requests at a time, shared by everybody with the same limit. `base` is free of user info.
    pub(super) fn permits(&self, settings: &Settings<'_>, base: &Url) -> Arc<Semaphore> {
        let most = settings.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let origin = base.origin().ascii_serialization();
        shared(&self.permits, format!("{most} {origin}"), || {
            Semaphore::new(most)
        })
    }

    /// Shared by servers whose settings differ only in their secrets; a proxy's address counts as a secret.
    pub(super) fn standing(&self, settings: &Settings<'_>, base: &Url) -> Arc<Standing> {
        if settings.http.proxy_url.is_some() {
            return Arc::default();
        }
        // Settings in their printed form, which never shows a secret.
        let Settings {
            concurrency,
            timeout,
            http,
            ..
        } = settings;
        let key = format!("{base} {concurrency} {timeout:?} {http:?}");
        shared(&self.standings, key, Standing::default)
    }
}

fn shared<T>(
    all: &Mutex<BTreeMap<String, Arc<T>>>,
    key: String,
    new: impl FnOnce() -> T,
) -> Arc<T> {
    // Nothing here can panic halfway: a poisoned map is as good as any.
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(key).or_insert_with(|| Arc::new(new())))
}
