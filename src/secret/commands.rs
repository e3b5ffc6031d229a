//! Passwords on the command lines that people paste (T14): `curl -u user:x`, `mysql -px`. Must not judge words of a language.

/// Programs with the option that their password follows, and whether it may be a word of its own.
const OPTIONS: [(&str, &str, bool); 12] = [
    ("mysql", "-p", false),
    ("mysqldump", "-p", false),
    ("mysqladmin", "-p", false),
    ("mysqlimport", "-p", false),
    ("mariadb", "-p", false),
    ("mariadb-dump", "-p", false),
    ("sshpass", "-p", true),
    ("mongo", "-p", true),
    ("mongosh", "-p", true),
    ("redis-cli", "-a", true),
    ("ldapsearch", "-w", true),
    ("sqlcmd", "-P", true),
];

/// Whether words are a command with a password in it.
pub(super) fn holds_password(words: &[&str]) -> bool {
    let mut options = words.iter().zip(words.iter().skip(1));
    words.iter().any(|word| is_user_option(word))
        || options.any(|(word, next)| is_user(word, next))
        || is_of_program(words)
}

/// `-u user:x`, `--user user:x`.
fn is_user(word: &str, next: &str) -> bool {
    matches!(bare(word), "-u" | "--user" | "--proxy-user") && has_password(bare(next))
}

/// `-uuser:x`, `--user=user:x`.
fn is_user_option(word: &str) -> bool {
    let word = bare(word);
    let given = ["--user=", "--proxy-user=", "-u"].iter();
    let mut given = given.filter_map(|option| word.strip_prefix(option));
    given.any(|user| has_password(user.trim_matches(['=', '"', '\''])))
}

/// Whether a word is `user:x`.
pub(super) fn has_password(user: &str) -> bool {
    let parts = user.split_once(':');
    // `1000:1000` is a user and a group.
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    parts.is_some_and(|(name, password)| {
        let is_given = !name.is_empty() && is_value(password);
        is_given && !(is_number(name) && is_number(password))
    })
}

/// `mysql -px`, `sshpass -p x`.
fn is_of_program(words: &[&str]) -> bool {
    let is_called = |name: &str| {
        words
            .iter()
            .position(|word| bare(word).rsplit('/').next() == Some(name))
    };
    OPTIONS.iter().any(|(program, option, may_be_apart)| {
        let behind = is_called(program).and_then(|at| words.get(at..));
        let behind = behind.unwrap_or_default();
        let mut options = behind.iter().zip(behind.iter().skip(1).chain([&""]));
        options.any(|(word, next)| match bare(word).strip_prefix(option) {
            Some("") => *may_be_apart && is_value(next) && !next.starts_with('-'),
            Some(password) => is_value(password),
            None => false,
        })
    })
}

fn is_value(password: &str) -> bool {
    let password = password.trim_matches(['"', '\'', '`', ',', ';', ')']);
    !password.is_empty() && !is_stand_in(password)
}

/// What stands for a value: `$PW`, `${PW}`, `$(pass show x)`, `<password>`, `***`, `xxx`.
pub(super) fn is_stand_in(value: &str) -> bool {
    let is_variable = value.strip_prefix('$').is_some_and(|name| {
        let is_part = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
        name.starts_with(['{', '(']) || (!name.is_empty() && name.chars().all(is_part))
    });
    let is_blank = value.chars().all(|c| "*.…".contains(c))
        || (value.len() >= 3 && value.chars().all(|c| "xX".contains(c)));
    is_variable || is_blank || value.starts_with('<')
}

/// A word without what surrounds it.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`', '(', ')', ','])
}
