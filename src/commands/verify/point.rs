//! What was verified, point by point, and how it is printed. Must not verify anything itself.

use crate::exit::Exit;
use crate::report::escape;

/// How a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was shown.
    Holds,
    /// There is nothing to check, and nothing says that there should be.
    Absent,
    /// It should be shown, and cannot be.
    NotShown,
    /// It was shown to be false.
    Off,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Absent => "absent",
            Self::NotShown => "not shown",
            Self::Off => "OFF",
        }
    }
}

impl From<Standing> for Exit {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Holds | Standing::Absent => Self::Go,
            Standing::NotShown => Self::Hold,
            Standing::Off => Self::NoGo,
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What, in one word.
    pub what: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// In a sentence fragment.
    pub says: String,
}

impl Point {
    /// A point that was shown.
    pub fn holds(what: &'static str, says: impl Into<String>) -> Self {
        Self::new(what, Standing::Holds, says)
    }

    /// A point that was shown to be false.
    pub fn off(what: &'static str, says: impl Into<String>) -> Self {
        Self::new(what, Standing::Off, says)
    }

    /// A point that should be shown, and cannot be.
    pub fn not_shown(what: &'static str, says: impl Into<String>) -> Self {
        Self::new(what, Standing::NotShown, says)
    }

    /// A point that does not arise here.
    pub fn absent(what: &'static str, says: impl Into<String>) -> Self {
        Self::new(what, Standing::Absent, says)
    }

    fn new(what: &'static str, standing: Standing, says: impl Into<String>) -> Self {
        Self {
            what,
            standing,
            says: says.into(),
        }
    }
}

/// The worst of several points; without any, nothing was shown.
#[must_use]
pub fn worst(points: &[Point]) -> Standing {
    let standings = points.iter().map(|point| point.standing);
    standings.max().unwrap_or(Standing::NotShown)
}

/// A file and its points, one line each.
#[must_use]
pub fn text(title: &str, points: &[Point]) -> String {
    let mut text = format!("{}\n", escape(title));
    for Point {
        what,
        standing,
        says,
    } in points
    {
        let standing = standing.word();
        text.push_str(&format!("  {standing:<9}  {what:<9}  {}\n", escape(says)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_point_counts_and_none_is_not_good() {
        let points = [
            Point::holds("plan", ""),
            Point::not_shown("verdict", ""),
            Point::absent("ledger", ""),
        ];
        assert_eq!(worst(&points), Standing::NotShown);
        assert_eq!(worst(&points[2..]), Standing::Absent);
        assert_eq!(worst(&[]), Standing::NotShown);
        let codes = [
            Standing::Holds,
            Standing::Absent,
            Standing::NotShown,
            Standing::Off,
        ];
        assert_eq!(
            codes.map(|standing| Exit::from(standing).code()),
            [0, 0, 3, 1]
        );
    }

    #[test]
    fn a_hostile_name_does_nothing_on_a_terminal() {
        let points = [Point::off("plan", "\u{1b}[2J\nholds")];
        let text = text("a\u{1b}[1m", &points);
        assert!(!text.contains('\u{1b}'));
        assert_eq!(text.lines().count(), 2);
    }
}
