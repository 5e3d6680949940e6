//! The code that the server prints while nobody has an account: words that can be read aloud and typed without diacritics.

use std::sync::{Arc, Mutex};

use crate::access::accounts;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::lock::lock;
use crate::platform::secret::{SecretHash, hash};
use crate::platform::text::fold;

/// Words of a code: each is another one without its diacritics, too. 64 of them, six bits each.
const WORDS: [&str; 64] = [
    "sen",
    "lúa",
    "tre",
    "trăng",
    "sông",
    "núi",
    "biển",
    "rừng",
    "mây",
    "gió",
    "nắng",
    "mưa",
    "hoa",
    "lá",
    "cây",
    "quả",
    "chim",
    "cá",
    "ong",
    "bướm",
    "trâu",
    "bò",
    "ngựa",
    "voi",
    "khỉ",
    "mèo",
    "gà",
    "vịt",
    "đá",
    "cát",
    "đất",
    "nước",
    "đèn",
    "vàng",
    "bạc",
    "đồng",
    "sắt",
    "gỗ",
    "giấy",
    "bút",
    "sách",
    "vở",
    "bảng",
    "phấn",
    "trống",
    "chiêng",
    "sáo",
    "đàn",
    "thuyền",
    "cầu",
    "đường",
    "làng",
    "chợ",
    "đình",
    "giếng",
    "ao",
    "hồ",
    "suối",
    "thác",
    "đồi",
    "xuân",
    "hạ",
    "thu",
    "tết",
];

/// How many words a code has: 36 bits, for as long as nobody has an account.
const LENGTH: usize = 6;

/// The code that is good at present, as far as one was printed. Cheap to clone; clones share it. It is kept in memory alone: a
/// server that starts again prints another.
#[derive(Debug, Clone, Default)]
pub struct FirstCode(Arc<Mutex<Option<SecretHash>>>);

impl FirstCode {
    /// Makes a code, in place of one that was made before; none when somebody has an account.
    ///
    /// # Errors
    /// When the database fails, or the operating system gives no randomness.
    pub async fn make(&self, conn: &mut Conn) -> ApiResult<Option<String>> {
        if accounts::any(conn).await? {
            return Ok(None);
        }
        let mut bytes = [0_u8; LENGTH];
        getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
        let words = bytes.map(|byte| WORDS[usize::from(byte % 64)]);
        let code = words.join(" ");
        *lock(&self.0) = Some(hash(&fold(&code)));
        Ok(Some(code))
    }

    /// Whether somebody shows the code, with or without diacritics, with blanks or hyphens between its words.
    pub(super) fn is(&self, shown: &str) -> bool {
        let shown = hash(&fold(&shown.replace('-', " ")));
        lock(&self.0).as_ref() == Some(&shown)
    }

    /// It was spent.
    pub(super) fn forget(&self) {
        *lock(&self.0) = None;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_told_apart_without_diacritics() {
        let folded: BTreeSet<String> = WORDS.iter().map(|word| fold(word)).collect();
        assert_eq!(folded.len(), WORDS.len());
        assert!(
            folded
                .iter()
                .all(|word| word.bytes().all(|letter| letter.is_ascii_lowercase()))
        );
    }

    #[test]
    fn code_is_known_as_people_type_it_until_it_is_forgotten() {
        let code = FirstCode::default();
        assert!(!code.is(""), "nothing was printed");
        *lock(&code.0) = Some(hash("lua sen ho doi tet dan"));
        for typed in [
            "lúa sen hồ đồi tết đàn",
            " Lua-sen-ho-doi-TET-dan ",
            "lua  sen ho doi tet dan",
        ] {
            assert!(code.is(typed), "{typed}");
        }
        assert!(!code.is("lua sen ho doi tet"));
        code.forget();
        assert!(!code.is("lua sen ho doi tet dan"));
    }
}
