//! What a line is hashed over. Its texts go in as digests, each with a salt of its own: a text can be deleted with its salt, nobody
//! can guess it from the digest that stays, and the chain holds.
//!
//! ```text
//! after   {"login": "lan.nt", "role": "member"}  ─ salts ─►  {"login": {"sealed": "5e…"}, "role": {"sealed": "c1…"}}  ─► hash
//! without {"login": {"erased": "5e…"}, "role": "member"}  ─►  the same
//! ```

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Row;

/// The rule by which lines are hashed that are written now.
pub(super) const CHAIN: i64 = 2;

/// What stands where a text was deleted, with the digest that stays.
const ERASED: &str = "erased";

/// The salt of each text of a line, in the order in which they stand in `before` and `after`; none where the text is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Salts(Vec<Option<String>>);

impl Salts {
    /// A salt for each text.
    pub(super) fn fresh(details: &[Option<Value>; 2]) -> Result<Self, getrandom::Error> {
        let mut count = 0;
        for value in details.iter().flatten() {
            walk(&mut value.clone(), &mut |_| count += 1);
        }
        let one = |_| {
            let mut salt = [0_u8; 16];
            getrandom::fill(&mut salt)?;
            Ok(Some(hex::encode(salt)))
        };
        Ok(Self((0..count).map(one).collect::<Result<_, _>>()?))
    }

    pub(super) fn parse(stored: &str) -> Option<Self> {
        serde_json::from_str(stored).ok().map(Self)
    }

    pub(super) fn stored(&self) -> String {
        json!(self.0).to_string()
    }
}

/// What a row is hashed over, as its texts stand or by their digests. None when it is not as such a row is written.
pub(super) fn bytes(row: &Row, chain: i64, salts: Option<&str>) -> Option<Vec<u8>> {
    let value = match (chain, salts) {
        // As it was hashed before texts had digests.
        (1, None) => return serde_json::to_vec(row).ok(),
        (CHAIN, Some(salts)) => {
            let mut left = Salts::parse(salts)?.0.into_iter();
            let [before, after] = parsed(row)?;
            let sealed = [skeleton(before, &mut left)?, skeleton(after, &mut left)?];
            left.next().is_none().then_some(())?;
            json!([
                CHAIN,
                row.seq,
                row.at_us,
                row.actor,
                row.action,
                row.resource,
                sealed
            ])
        }
        _ => return None,
    };
    serde_json::to_vec(&value).ok()
}

/// Details as they will be read: a long fraction may come back with another last digit, and then that is what is written.
pub(super) fn as_read(mut value: Value) -> Value {
    for _ in 0..4 {
        match serde_json::from_str::<Value>(&value.to_string()) {
            Ok(read) if read != value => value = read,
            _ => break,
        }
    }
    value
}

/// The details of a row; none when they are not written as JSON is written.
fn parsed(row: &Row) -> Option<[Option<Value>; 2]> {
    let one = |text: &Option<String>| match text {
        None => Some(None),
        Some(text) => {
            let value: Value = serde_json::from_str(text).ok()?;
            let written = serde_json::to_string(&value).ok()?;
            (written == *text).then_some(Some(value))
        }
    };
    Some([one(&row.before)?, one(&row.after)?])
}

fn skeleton(
    value: Option<Value>,
    salts: &mut impl Iterator<Item = Option<String>>,
) -> Option<Option<Value>> {
    let Some(mut value) = value else {
        return Some(None);
    };
    let mut fits = true;
    walk(&mut value, &mut |leaf| {
        let salt = salts.next();
        let digest = match (&*leaf, salt) {
            (Value::String(text), Some(Some(salt))) => Some(digest(&salt, text)),
            (Value::Object(erased), Some(None)) => erased
                .get(ERASED)
                .and_then(Value::as_str)
                .map(str::to_owned),
            _ => None,
        };
        fits &= digest.is_some();
        *leaf = json!({ "sealed": digest });
    });
    fits.then_some(Some(value))
}

fn digest(salt: &str, text: &str) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(text);
    hex::encode(hash.finalize())
}

/// Goes through the texts of a value, and what stands where one was deleted.
fn walk(value: &mut Value, see: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::String(_) => see(value),
        Value::Object(fields) if fields.len() == 1 && fields.contains_key(ERASED) => see(value),
        Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, see)),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Deletes the texts of a row that are personal, each with its salt. How many they were.
pub(super) fn take_out(
    row: &mut Row,
    salts: &mut Option<String>,
    is_personal: &dyn Fn(&str) -> bool,
) -> usize {
    let mut kept = salts.as_deref().and_then(Salts::parse);
    let (mut at, mut count) = (0, 0);
    for details in [&mut row.before, &mut row.after] {
        let text = details.as_deref();
        let Some(mut value) = text.and_then(|text| serde_json::from_str(text).ok()) else {
            continue;
        };
        walk(&mut value, &mut |leaf| {
            let salt = kept.as_mut().and_then(|salts| salts.0.get_mut(at));
            at += 1;
            let Value::String(text) = &*leaf else { return };
            if !is_personal(text) {
                return;
            }
            let digest = salt.and_then(Option::take).map(|salt| digest(&salt, text));
            *leaf = json!({ ERASED: digest });
            count += 1;
        });
        *details = Some(value.to_string());
    }
    *salts = kept.map(|salts| salts.stored());
    count
}

/// Details without the digests of what was deleted, for people.
#[must_use]
pub fn readable(mut value: Value) -> Value {
    walk(&mut value, &mut |leaf| {
        if leaf.is_object() {
            *leaf = json!({ ERASED: true });
        }
    });
    value
}

/// A digest of what is left of a line.
pub(super) fn remains(row: &Row, salts: Option<&str>, hash: &[u8]) -> Vec<u8> {
    let left = json!([row, salts, hex::encode(hash)]).to_string();
    Sha256::digest(left).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> (Row, Option<String>) {
        let before = json!({ "title": "Họp", "points": ["DC-01", "DC-02"] });
        let after = json!({ "login": "lan.nt", "role": "member", "at": 7 });
        let salts = Salts::fresh(&[Some(before.clone()), Some(after.clone())]).unwrap();
        let row = Row {
            seq: 3,
            at_us: 9,
            actor: "system".to_owned(),
            action: "add_account".to_owned(),
            resource: "account:1".to_owned(),
            before: Some(before.to_string()),
            after: Some(after.to_string()),
        };
        (row, Some(salts.stored()))
    }

    #[test]
    fn deleted_text_leaves_what_is_hashed_as_it_was() {
        let (mut row, mut salts) = row();
        let whole = bytes(&row, CHAIN, salts.as_deref()).unwrap();
        assert_eq!(take_out(&mut row, &mut salts, &|text| text == "lan.nt"), 1);
        assert_eq!(bytes(&row, CHAIN, salts.as_deref()).unwrap(), whole);
        let left = format!("{row:?}{salts:?}");
        assert!(
            !left.contains("lan.nt") && left.contains("member"),
            "{left}"
        );
        // A second time, and another text.
        assert_eq!(take_out(&mut row, &mut salts, &|text| text == "Họp"), 1);
        assert_eq!(bytes(&row, CHAIN, salts.as_deref()).unwrap(), whole);
    }

    #[test]
    fn changed_text_number_key_and_digest_are_hashed_otherwise() {
        let (row, salts) = row();
        let whole = bytes(&row, CHAIN, salts.as_deref());
        for (from, to) in [
            ("lan.nt", "lan.ng"),
            ("\"at\":7", "\"at\":8"),
            ("role", "rule"),
            ("\"at\":7", "\"at\": 7"),
            ("\"lan.nt\"", "{\"erased\":\"00\"}"),
        ] {
            let after = row.after.as_deref().unwrap().replace(from, to);
            assert_ne!(Some(&after), row.after.as_ref());
            let other = Row {
                after: Some(after),
                ..row.clone()
            };
            assert_ne!(bytes(&other, CHAIN, salts.as_deref()), whole, "{from}");
        }
        assert_ne!(bytes(&row, 1, None), whole);
        assert_eq!(bytes(&row, CHAIN, None), None);
    }

    #[test]
    fn no_two_texts_have_one_digest() {
        let (first, second) = (row(), row());
        assert_eq!(first.0, second.0);
        let of = |(row, salts): (Row, Option<String>)| bytes(&row, CHAIN, salts.as_deref());
        assert_ne!(of(first), of(second));
    }
}
