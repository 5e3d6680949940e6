//! Messages of several enums on one wire: an enum whose variants hold enums, written flat.
//!
//! `{"type": "raise_hand"}` is read as `Command::Hand(HandCommand::RaiseHand)`. The word under `type` alone decides which
//! enum reads the message, so that a bad message is refused for what is wrong with it. The message is not kept in memory
//! meanwhile, except for fields that come before `type`, which clients write first.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IntoDeserializer as _, MapAccess, Visitor};
use serde_json::Value;

/// Declares an enum of enums, each with the words under `type` that are its own, and a conversion from each of them. It
/// derives `Serialize` as `untagged`; reading is implemented here.
macro_rules! one_of {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($variant:ident($inner:ident): $($word:literal),+;)+
        }
    ) => {
        $(#[$attribute])*
        #[allow(missing_docs, reason = "each variant holds the enum of its name")]
        $visibility enum $name {
            $($variant($inner),)+
        }

        impl $name {
            /// The words of all messages, as they stand under `type`.
            $visibility const TYPES: &'static [&'static str] = &[$($($word),+),+];
        }

        $(impl From<$inner> for $name {
            fn from(message: $inner) -> Self {
                Self::$variant(message)
            }
        })+

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::room::one_of::read(deserializer)
            }
        }

        impl<'de> $crate::room::one_of::OneOf<'de> for $name {
            const NAME: &'static str = stringify!($name);

            fn read<M: serde::de::MapAccess<'de>>(word: &str, message: M) -> Result<Self, M::Error> {
                let message = serde::de::value::MapAccessDeserializer::new(message);
                match word {
                    $($($word)|+ => $inner::deserialize(message).map(Self::$variant),)+
                    unknown => Err(serde::de::Error::unknown_variant(unknown, Self::TYPES)),
                }
            }
        }
    };
}
pub(super) use one_of;

/// An enum of enums, read by the word under `type`.
pub(super) trait OneOf<'de>: Sized {
    /// Its name, for errors.
    const NAME: &'static str;

    /// Reads a message of that word; `message` has all of its fields, `type` included.
    fn read<M: MapAccess<'de>>(word: &str, message: M) -> Result<Self, M::Error>;
}

/// Reads a message.
pub(super) fn read<'de, T: OneOf<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Message(PhantomData))
}

struct Message<T>(PhantomData<T>);

impl<'de, T: OneOf<'de>> Visitor<'de> for Message<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "internally tagged enum {}", T::NAME)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut rest: M) -> Result<T, M::Error> {
        let mut before = Vec::new();
        while let Some(field) = rest.next_key::<String>()? {
            if field == "type" {
                let word: String = rest.next_value()?;
                before.push((field, Value::String(word.clone())));
                let rejoined = Rejoined {
                    before: before.into_iter(),
                    value: None,
                    rest,
                };
                return T::read(&word, rejoined);
            }
            before.push((field, rest.next_value()?));
        }
        Err(M::Error::missing_field("type"))
    }
}

/// A message whose first fields were read already.
struct Rejoined<M> {
    before: std::vec::IntoIter<(String, Value)>,
    /// Of the field that was asked for last, when it is one of `before`.
    value: Option<Value>,
    rest: M,
}

impl<'de, M: MapAccess<'de>> MapAccess<'de> for Rejoined<M> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, M::Error> {
        let Some((field, value)) = self.before.next() else {
            return self.rest.next_key_seed(seed);
        };
        self.value = Some(value);
        seed.deserialize(field.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(M::Error::custom),
            None => self.rest.next_value_seed(seed),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use ts_rs::TS;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Fruit {
        Apple { weight: i64 },
        Pear,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Tool {
        Saw { teeth: u64, bent: bool },
    }

    one_of! {
        /// Something in a shed.
        #[derive(Debug, Clone, PartialEq, Serialize, TS)]
        #[serde(untagged)]
        enum Thing {
            Fruit(Fruit): "apple", "pear";
            Tool(Tool): "saw";
        }
    }

    fn read(json: &str) -> Result<Thing, String> {
        serde_json::from_str(json).map_err(|fault| fault.to_string())
    }

    fn fault(json: &str) -> String {
        read(json).expect_err("a bad message")
    }

    #[test]
    fn messages_are_flat_whatever_the_order_of_their_fields() {
        let saw = Thing::from(Tool::Saw {
            teeth: u64::MAX,
            bent: true,
        });
        for json in [
            r#"{"type":"saw","teeth":18446744073709551615,"bent":true}"#,
            r#"{"teeth":18446744073709551615,"type":"saw","bent":true}"#,
            r#"{"colour":"red","bent":true,"teeth":18446744073709551615,"type":"saw"}"#,
        ] {
            assert_eq!(read(json).as_ref(), Ok(&saw));
        }
        assert_eq!(
            serde_json::to_string(&Thing::from(Fruit::Apple { weight: -1 })).unwrap(),
            r#"{"type":"apple","weight":-1}"#
        );
        assert_eq!(read(r#"{"type":"pear"}"#), Ok(Fruit::Pear.into()));
    }

    #[test]
    fn bad_message_is_refused_for_what_is_wrong_with_it() {
        for (json, wanted) in [
            (
                r#"{"type":"car"}"#,
                "unknown variant `car`, expected one of `apple`, `pear`, `saw`",
            ),
            (r#"{"teeth":1}"#, "missing field `type`"),
            (r#"{"type":"saw","teeth":1}"#, "missing field `bent`"),
            (
                r#"{"type":"saw","teeth":-1,"bent":true}"#,
                "invalid value: integer `-1`, expected u64",
            ),
            (
                r#"{"teeth":-1,"type":"saw","bent":true}"#,
                "invalid value: integer `-1`, expected u64",
            ),
            (
                r#"{"type":"apple","weight":1,"weight":2}"#,
                "duplicate field `weight`",
            ),
            (
                r#"{"type":"apple","type":"saw","weight":1}"#,
                "duplicate field `type`",
            ),
            (r#""saw""#, "invalid type: string \"saw\""),
            (r#"["saw",1,true]"#, "invalid type: sequence"),
            (r#"{"type":"saw","teeth":"#, "EOF while parsing"),
        ] {
            let said = fault(json);
            assert!(said.starts_with(wanted), "{json}: {said}");
        }
    }

    #[test]
    fn words_are_those_of_the_enums() {
        for word in Thing::TYPES {
            assert!(!fault(&format!(r#"{{"type":"{word}""#)).starts_with("unknown"));
        }
    }
}
