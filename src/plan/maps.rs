//! The maps of the plan format as structs: how each is declared. Must not know any key.

/// Defines structs that refuse unknown keys and in which every key is optional: missing keys are reported later,
/// with a better place than serde knows.
macro_rules! maps {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, ::serde::Deserialize)]
            #[serde(deny_unknown_fields, default, expecting = "a map")]
            pub(in crate::plan) struct $name { $($(#[$attr])* pub(in crate::plan) $field: Option<$kind>,)+ }
        )+

        /// Each map with its keys and their types, for the test that compares them with the JSON Schema.
        #[cfg(test)]
        pub(in crate::plan) const MAPS: $crate::plan::maps::Maps =
            &[$((stringify!($name), &[$((stringify!($field), stringify!($kind)),)+]),)+];
    };
}
pub(super) use maps;

/// Maps by name, each with its keys and the type of its value.
#[cfg(test)]
pub(crate) type Maps = &'static [(&'static str, &'static [(&'static str, &'static str)])];
