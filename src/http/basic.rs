//! User and password: in an address, and as basic authentication (RFC 7617). Must not keep either.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::wording::Wording;

/// The header's value. Hides the password and the pair.
pub(super) fn basic(user: &str, password: &str, wording: &mut Wording) -> String {
    let pair = format!("{user}:{password}");
    // A user without a password is a token by another name.
    wording.hide(if password.is_empty() { user } else { password });
    wording.hide(&pair);
    format!("Basic {}", STANDARD.encode(pair))
}

/// Takes user and password out of an address, as basic authentication; `None` if there is neither.
pub(super) fn take_user_info(url: &mut Url, wording: &mut Wording) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    let value = basic(&decoded(user), &decoded(password), wording);
    drop_user_info(url);
    Some(value)
}

/// Hides the user and password of an address that keeps them, such as a proxy's.
pub(super) fn hide_user_info(address: &str, wording: &mut Wording) {
    if let Ok(mut url) = Url::parse(address) {
        let _ = take_user_info(&mut url, wording);
    }
}

pub(super) fn drop_user_info(url: &mut Url) {
    // An address that takes no user info has none to lose.
    let _ = (url.set_username(""), url.set_password(None));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_is_taken_out_of_an_address_and_hidden() {
        let mut wording = Wording::new("it");
        let mut url = Url::parse("http://ann:p%40ss%20word@h/x").expect("an address");
        let value = take_user_info(&mut url, &mut wording).expect("user info");
        assert_eq!(url.as_str(), "http://h/x");
        assert_eq!(value, format!("Basic {}", STANDARD.encode("ann:p@ss word")));
        assert_eq!(
            wording.clean(&format!("{value} p@ss word")),
            "Basic *** ***"
        );
        assert_eq!(take_user_info(&mut url, &mut wording), None);
    }

    #[test]
    fn a_user_without_a_password_is_as_secret_as_one() {
        let mut wording = Wording::new("it");
        hide_user_info("http://glpat-1234@proxy:3128", &mut wording);
        assert_eq!(wording.clean("glpat-1234"), "***");
    }
}
