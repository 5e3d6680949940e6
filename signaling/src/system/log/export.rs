//! The log as a table for Excel.

use axum::body::{Body, Bytes};
use futures_util::stream;
use office_core::{csv, deeds};
use serde::Deserialize;

use super::listing::describe;
use super::store::{self, Listed, Wanted};
use crate::Store;
use crate::platform::clock::said;
use crate::platform::database::StoreResult;

/// How many lines are read at a time.
const LINES_AT_ONCE: i64 = 1_000;

/// The language of what is exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Language {
    /// Tiếng Việt.
    #[default]
    Vi,
    /// English.
    En,
}

const HEADS_VI: [&str; 11] = [
    "Số dòng",
    "Lúc",
    "Ai",
    "Tài khoản",
    "Việc",
    "Đối tượng",
    "Mã đối tượng",
    "Ghi trong nhật ký",
    "Trước",
    "Sau",
    "Mã băm",
];
const HEADS_EN: [&str; 11] = [
    "Line",
    "At",
    "Who",
    "Account",
    "Action",
    "What",
    "Code",
    "As logged",
    "Before",
    "After",
    "Hash",
];

impl Language {
    const fn heads(self) -> [&'static str; 11] {
        match self {
            Self::Vi => HEADS_VI,
            Self::En => HEADS_EN,
        }
    }

    const fn server(self) -> &'static str {
        match self {
            Self::Vi => "Hệ thống",
            Self::En => "The server",
        }
    }

    /// What an action is called; by its own name when nobody gave it words.
    fn deed(self, name: &str) -> &str {
        match (deeds::of(name), self) {
            (Some(deed), Self::Vi) => deed.vi,
            (Some(deed), Self::En) => deed.en,
            (None, _) => name,
        }
    }
}

/// How far an export has come.
struct Walk {
    store: Store,
    wanted: Wanted,
    language: Language,
    is_begun: bool,
    is_over: bool,
}

/// The lines that are wanted, newest first, as a file that is made while it is sent.
pub(super) fn body(store: Store, wanted: Wanted, language: Language) -> Body {
    let walk = Walk {
        store,
        wanted,
        language,
        is_begun: false,
        is_over: false,
    };
    Body::from_stream(stream::try_unfold(walk, Walk::next))
}

impl Walk {
    async fn next(mut self) -> StoreResult<Option<(Bytes, Self)>> {
        if self.is_over {
            return Ok(None);
        }
        let mut text = String::new();
        if !std::mem::replace(&mut self.is_begun, true) {
            text.push_str(csv::BYTE_ORDER_MARK);
            text.push_str(&csv::line(self.language.heads()));
        }
        let mut conn = self.store.read().await?;
        let lines = store::lines(&mut conn, &self.wanted, LINES_AT_ONCE).await?;
        drop(conn);
        match lines.last() {
            Some(last) => self.wanted.before = last.seq,
            None => self.is_over = true,
        }
        for line in lines {
            text.push_str(&row(line, self.language));
        }
        Ok(Some((text.into(), self)))
    }
}

fn row(listed: Listed, language: Language) -> String {
    let (before, after) = (listed.before.clone(), listed.after.clone());
    let line = describe(listed);
    let who = match line.actor.kind.as_str() {
        "system" => Some(language.server()),
        _ => line.actor.name.as_deref(),
    };
    let thing = match (&line.thing.participant, &line.thing.name) {
        (Some(participant), Some(name)) => format!("{participant} ({name})"),
        (Some(only), None) | (None, Some(only)) => only.clone(),
        (None, None) => String::new(),
    };
    csv::line([
        line.seq.to_string().as_str(),
        &said(line.at_us),
        who.unwrap_or_default(),
        line.actor.login.as_deref().unwrap_or_default(),
        language.deed(&line.action),
        &thing,
        line.thing.code.as_deref().unwrap_or_default(),
        &line.thing.word,
        before.as_deref().unwrap_or_default(),
        after.as_deref().unwrap_or_default(),
        &line.hash,
    ])
}
