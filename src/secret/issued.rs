//! Keys, tokens and addresses as services issue them, known by how they begin (T14). Must not judge words of a language.

/// The beginnings of keys and tokens as services issue them, each with the letters that follow at least.
const ISSUED: [(&str, usize); 36] = [
    // GitHub.
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    // GitLab.
    ("glpat-", 12),
    ("gldt-", 12),
    ("glptt-", 12),
    ("glrt-", 12),
    ("glcbt-", 12),
    // Slack.
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xoxe-", 8),
    ("xapp-", 8),
    // Amazon, Google.
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ya29.", 16),
    // Stripe, SendGrid, Shopify, OpenAI, Anthropic.
    ("sk_live_", 6),
    ("sk_test_", 6),
    ("rk_live_", 6),
    ("SG.", 20),
    ("shpat_", 16),
    ("sk-proj-", 16),
    ("sk-ant-", 16),
    // Registries and clouds.
    ("npm_", 20),
    ("pypi-", 20),
    ("dckr_pat_", 16),
    ("dop_v1_", 16),
    // HashiCorp Vault, Grafana, age.
    ("hvs.", 16),
    ("glsa_", 16),
    ("AGE-SECRET-KEY-1", 16),
];
/// A JSON web token: its first two parts begin like this in Base64.
const JSON_TOKEN: &str = "eyJ";
/// Addresses that are credentials by themselves, up to where the secret part begins.
const WEBHOOKS: [&str; 7] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/webhookb2/",
    "api.telegram.org/bot",
];
/// A shorter path is that of a page about webhooks.
const MIN_PATH: usize = 8;

/// Whether a text holds a private key, or a key, token or webhook as services issue them.
pub(super) fn is_issued(text: &str) -> bool {
    let is_block = text.contains("-----BEGIN") && text.contains("PRIVATE KEY");
    let is_end = |c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c);
    // Between two blanks is nothing to look at, and a plan may have millions of them.
    let mut words = text.split(is_end).filter(|word| !word.is_empty());
    is_block || is_webhook(text) || words.any(is_token)
}

fn is_token(word: &str) -> bool {
    let is_of_service = ISSUED.iter().any(|(start, least)| {
        let rest = word.strip_prefix(start).unwrap_or_default();
        let is_random = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        // `npm_requests_total_p99` is the name of a metric.
        let is_name = start.ends_with('_') && !start.starts_with("github") && rest.contains('_');
        rest.len() >= *least && rest.contains(is_random) && !is_name
    });
    let parts: Vec<&str> = word.split('.').collect();
    let is_json = match parts.as_slice() {
        [head, body, ..] => head.starts_with(JSON_TOKEN) && body.starts_with(JSON_TOKEN),
        _ => false,
    };
    is_of_service || is_json
}

fn is_webhook(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut behind = WEBHOOKS
        .iter()
        .filter_map(|start| Some(text.split_once(start)?.1));
    behind.any(|path| {
        let is_end = |c: char| c.is_whitespace() || "\"'`)<>*…".contains(c);
        let path = path.split(is_end).next().unwrap_or_default();
        path.len() >= MIN_PATH && path.contains(|c: char| c.is_ascii_digit())
    })
}
