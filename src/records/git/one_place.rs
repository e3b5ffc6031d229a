//! Whether two addresses of a git remote lead to one repository, as far as their text says. Must not ask anybody.

/// Host and path: what stays the same whether a repository is reached over HTTP or ssh.
#[derive(Debug, PartialEq, Eq)]
struct Address<'a> {
    scheme: &'a str,
    host: String,
    port: &'a str,
    path: &'a str,
}

/// Whether what is written at one address is read at the other. `https://h/o/r` and `git@h:o/r.git` are one place; two hosts, two
/// paths, or two ports of one protocol are not.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let (a, b) = (parts(one), parts(other));
    one == other
        || (a.host == b.host
            && a.path == b.path
            && (a.scheme != b.scheme || a.port == b.port)
            && a.host.is_empty() == (a.scheme == "file"))
}

fn parts(text: &str) -> Address<'_> {
    match text.split_once("://") {
        Some(("file", path)) => local(path),
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            let port = host.rsplit_once(':').filter(|(_, port)| is_port(port));
            let (host, port) = port.unwrap_or((host, ""));
            remote(scheme, host, port, path)
        }
        None => match text.split_once(':').filter(|(host, _)| !host.contains('/')) {
            Some((host, path)) => {
                let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
                remote("ssh", host, "", path)
            }
            None => local(text),
        },
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn local(path: &str) -> Address<'_> {
    Address {
        scheme: "file",
        host: String::new(),
        port: "",
        path: path.trim_end_matches('/'),
    }
}

fn remote<'a>(scheme: &'a str, host: &str, port: &'a str, path: &'a str) -> Address<'a> {
    let path = path.trim_matches('/');
    Address {
        scheme,
        host: host.to_lowercase(),
        port,
        path: path.strip_suffix(".git").unwrap_or(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_several_addresses() {
        for (one, other) in [
            ("https://h/o/r", "git@H:o/r.git"),
            ("https://bot:token@h/o/r.git", "https://h/o/r"),
            ("https://h:3000/o/r", "ssh://git@h:2222/o/r"),
            ("file:///a/r.git", "/a/r.git/"),
            ("../r.git", "../r.git"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("https://h/o/r", "https://mirror/o/r"),
            ("https://h/o/r", "git@h:fork/r"),
            ("https://h:1/o/r", "https://h:2/o/r"),
            ("/a/r.git", "/a/r"),
            ("/a/r.git", "ssh://h/a/r.git"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
