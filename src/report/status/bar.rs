//! A progress bar of fixed width. Full only when everything is done.

use crate::units::Duration;

/// Columns of a whole bar.
const WIDTH: i64 = 12;

/// As much of a bar as was observed of a length, rounded down.
pub(in crate::report) fn of(observed: Duration, length: Duration, unicode: bool) -> String {
    let whole = length.millis().max(1);
    let full = (observed.millis().clamp(0, whole) * WIDTH) / whole;
    let (done, open) = if unicode { ("█", "░") } else { ("#", "-") };
    (0..WIDTH)
        .map(|place| if place < full { done } else { open })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(observed: i64, length: i64) -> String {
        of(
            Duration::from_secs(observed),
            Duration::from_secs(length),
            false,
        )
    }

    #[test]
    fn a_bar_is_full_only_at_the_end() {
        assert_eq!(bar(0, 48), "------------");
        assert_eq!(bar(24, 48), "######------");
        assert_eq!(bar(47, 48), "###########-");
        assert_eq!(bar(48, 48), "############");
        assert_eq!(bar(99, 48), "############");
        assert_eq!(bar(-1, 48), "------------");
        assert_eq!(bar(0, 0), "------------");
    }
}
