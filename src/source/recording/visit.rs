//! What the visitors of a file of answers share. Must not know any key.

/// Implements `DeserializeSeed` by passing on the seed itself as the visitor of a map or a list.
macro_rules! seed {
    ([$($generics:tt)*] $seed:ty => $value:ty, $form:ident) => {
        impl<'de, $($generics)*> serde::de::DeserializeSeed<'de> for $seed {
            type Value = $value;
            fn deserialize<D: serde::de::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
                json.$form(self)
            }
        }
    };
}

pub(super) use seed;

/// Puts the value of a key where it belongs.
///
/// # Errors
/// A key that was already there.
pub(super) fn once<T, E: serde::de::Error>(
    place: &mut Option<T>,
    value: T,
    key: &'static str,
) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(key)),
    }
}
