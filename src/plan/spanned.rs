//! Values that know their place in the file: how spans travel through serde.
//!
//! Each node of the tree becomes a `serde_yaml::Value` with its id and span as a YAML tag. `serde_yaml` passes
//! the tag to types that ask for an enum, as [`Spanned`] does, and drops it for all others.
//! (Tags written by hand never get here.) Must not know any key of the plan format.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    Deserialize, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::problem::Span;

/// A value and its bytes in the file.
#[derive(Debug, Clone)]
pub(super) struct Spanned<T> {
    pub(super) span: Span,
    pub(super) value: T,
}

/// A scalar as written, escapes resolved.
pub(super) type Text = Spanned<String>;

impl<T> Spanned<T> {
    /// The same place with another value.
    pub(super) fn with<U>(&self, value: U) -> Spanned<U> {
        Spanned {
            span: self.span.clone(),
            value,
        }
    }
}

/// The tag that carries a node's id and span.
pub(super) fn tag(id: usize, span: &Span) -> String {
    format!("{id}:{}:{}", span.start, span.end)
}

/// What a tag carries.
pub(super) fn untag(tag: &str) -> Option<(usize, Span)> {
    let mut numbers = tag.split(':').map(str::parse::<usize>);
    let mut next = || numbers.next()?.ok();
    Some((next()?, next()?..next()?))
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the plan")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Spanned<T>, A::Error> {
        let (tag, content) = data.variant::<String>()?;
        let (_, span) = untag(&tag).ok_or_else(|| A::Error::custom("a value without a place"))?;
        let value = content.newtype_variant()?;
        Ok(Spanned { span, value })
    }
}

/// A map whose keys are names that the plan chooses, in the order of the file.
#[derive(Debug, Clone)]
pub(super) struct Pairs<T>(pub(super) Vec<(Text, Spanned<T>)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
    type Value = Pairs<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// A string, or a map that says more.
#[derive(Debug, Clone)]
pub(super) enum TextOr<T> {
    Text(String),
    Map(T),
}

/// A string, or a list (of strings, mostly).
#[derive(Debug, Clone)]
pub(super) enum OneOrMany<I = String> {
    One(String),
    Many(Vec<Spanned<I>>),
}

/// A list (of strings, mostly), or a map that says more.
#[derive(Debug, Clone)]
pub(super) enum ListOr<T, I = String> {
    List(Vec<Spanned<I>>),
    Map(T),
}

/// A string, a list of strings, or a map that says more.
#[derive(Debug, Clone)]
pub(super) enum ManyOr<T> {
    Texts(OneOrMany),
    Map(T),
}

/// Implements `Deserialize` for a choice between shapes, by the shape found.
macro_rules! by_shape {
    ($name:ident $(<$($param:ident),+>)?, $expecting:literal, { $($method:item)+ }) => {
        impl<'de $(, $($param: Deserialize<'de>),+)?> Deserialize<'de> for $name $(<$($param),+>)? {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ShapeVisitor $(<$($param),+>($(PhantomData<$param>),+))?;
                impl<'de $(, $($param: Deserialize<'de>),+)?> Visitor<'de> for ShapeVisitor $(<$($param),+>)? {
                    type Value = $name $(<$($param),+>)?;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    $($method)+
                }
                deserializer.deserialize_any(ShapeVisitor $(($(PhantomData::<$param>),+))?)
            }
        }
    };
}

by_shape!(TextOr<T>, "a string or a map", {
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOr::Text(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Map)
    }
});

by_shape!(OneOrMany<I>, "a string or a list of strings", {
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(OneOrMany::One(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
    }
});

by_shape!(ListOr<T, I>, "a list or a map", {
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ListOr::List)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(ListOr::Map)
    }
});

by_shape!(ManyOr<T>, "a string, a list of strings or a map", {
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(ManyOr::Texts(OneOrMany::One(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        let texts = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(ManyOr::Texts(OneOrMany::Many(texts)))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(ManyOr::Map)
    }
});

impl Spanned<OneOrMany> {
    /// The strings, each with its place.
    pub(super) fn texts(&self) -> Vec<Text> {
        match &self.value {
            OneOrMany::One(text) => vec![self.with(text.clone())],
            OneOrMany::Many(texts) => texts.clone(),
        }
    }
}

/// The text of an optional scalar.
pub(super) fn text(text: Option<&Text>) -> Option<String> {
    text.map(|text| text.value.clone())
}

/// The strings of a string or a list.
pub(super) fn texts(list: Option<&Spanned<OneOrMany>>) -> Vec<String> {
    let texts = list.map(Spanned::texts).unwrap_or_default();
    texts.into_iter().map(|text| text.value).collect()
}

/// Names and texts, in the order of the file.
pub(super) fn pairs(pairs: Option<&Pairs<String>>) -> Vec<(String, String)> {
    let pairs = pairs.map_or(&[][..], |pairs| pairs.0.as_slice());
    pairs
        .iter()
        .map(|(name, text)| (name.value.clone(), text.value.clone()))
        .collect()
}
