//! Plain enums in columns of text.

use std::fmt::{self, Write as _};

use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as NoSuchWord, StrDeserializer};
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

/// A value of an enum without fields, stored as the word that it is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: Serialize> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

impl<T, DB: Database> Type<DB> for Word<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }

    fn compatible(info: &DB::TypeInfo) -> bool {
        String::compatible(info)
    }
}

impl<'q, T: Serialize, DB: Database> Encode<'q, DB> for Word<T>
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let mut word = String::new();
        write!(word, "{self}")?;
        word.encode(buffer)
    }
}

impl<'r, T: Deserialize<'r>, DB: Database> Decode<'r, DB> for Word<T>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let word: StrDeserializer<'r, NoSuchWord> = <&str>::decode(value)?.into_deserializer();
        Ok(Self(T::deserialize(word)?))
    }
}

#[cfg(test)]
mod tests {
    use protocol::client::SessionKind;

    use super::*;
    use crate::platform::config::Database as Settings;
    use crate::platform::database::{Store, StoreError, sql};

    type Kind = (Word<SessionKind>,);
    type NoKind = (Option<Word<SessionKind>>,);

    #[tokio::test]
    async fn enum_is_stored_as_its_word_and_a_word_that_it_does_not_have_is_corrupt() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::default(), folder.path())
            .await
            .unwrap();
        let mut conn = store.write().await.unwrap();
        let kind = Word(SessionKind::ClassObservation);
        let stored = sql!(one(String,), &mut conn, "SELECT $1", kind).unwrap();
        assert_eq!(stored.0, "class_observation");
        let read = sql!(one Kind, &mut conn, "SELECT $1", kind).unwrap();
        assert_eq!(read.0, kind);
        let unknown = sql!(one Kind, &mut conn, "SELECT 'feast'");
        assert!(
            matches!(unknown, Err(StoreError::Corrupt(_))),
            "{unknown:?}"
        );
        let none = sql!(one NoKind, &mut conn, "SELECT NULL").unwrap();
        assert_eq!(none.0, None);
    }
}
