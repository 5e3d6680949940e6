//! Pages of lists: where one begins, and whether there is another.
//!
//! A cursor names the row at the end of the page before by what the list is sorted by, and by its id, so that rows of the same
//! moment are neither passed over nor told twice.

use std::fmt;

use protocol::UtcMicros;
use protocol::api::ProblemCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::clock::plausible;
use crate::platform::error::{ApiError, ApiResult};

/// Which page of a list is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageAsked {
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
}

/// A row of a list that is sorted by time, by that time and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<Id> {
    /// Its time.
    pub at: UtcMicros,
    /// Its id.
    pub id: Id,
}

impl<Id: From<Uuid>> Place<Id> {
    /// Where a list begins whose newest row is told first.
    pub(crate) fn after_all() -> Self {
        Self {
            at: UtcMicros(i64::MAX),
            id: Uuid::nil().into(),
        }
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    /// 400 `malformed_query`.
    pub(crate) fn parse(cursor: &str) -> ApiResult<Self> {
        two(cursor, |at, id| {
            Some(Self {
                at: plausible(at.parse().ok()?)?,
                id: id.parse::<Uuid>().ok()?.into(),
            })
        })
    }

    /// Where a page begins of a list whose newest row is told first.
    ///
    /// # Errors
    /// 400 `malformed_query`.
    pub(crate) fn before(asked: &PageAsked) -> ApiResult<Self> {
        let place = asked.cursor.as_deref().map(Self::parse).transpose()?;
        Ok(place.unwrap_or_else(Self::after_all))
    }
}

impl<Id: fmt::Display> fmt::Display for Place<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

/// What the two parts of a cursor name that a point stands between.
///
/// # Errors
/// 400 `malformed_query`.
pub(crate) fn two<T>(cursor: &str, name: impl Fn(&str, &str) -> Option<T>) -> ApiResult<T> {
    let parts = cursor.split_once('.');
    parts
        .and_then(|(first, second)| name(first, second))
        .ok_or_else(not_ours)
}

/// The refusal of a cursor that no page of this server ended with: 400 `malformed_query`.
pub(crate) fn not_ours() -> ApiError {
    ApiError::bad_request(ProblemCode::MalformedQuery, "the cursor is not one of ours")
}

/// How many rows are read for a page of `page`: one more tells whether there is another.
pub(crate) fn with_another(page: usize) -> i64 {
    i64::try_from(page).unwrap_or(i64::MAX).saturating_add(1)
}

/// Leaves the `page` first rows; the cursor of the next page when there were more.
pub(crate) fn cut<T, C: ToString>(
    rows: &mut Vec<T>,
    page: usize,
    cursor: impl FnOnce(&T) -> C,
) -> Option<String> {
    let more = rows.len() > page;
    rows.truncate(page);
    let last = rows.last().filter(|_| more)?;
    Some(cursor(last).to_string())
}

#[cfg(test)]
mod tests {
    use protocol::SessionId;

    use super::*;

    #[test]
    fn place_is_read_again_from_its_cursor_and_nothing_else_is() {
        let place = Place {
            at: UtcMicros(1_764_000_000_000_000),
            id: SessionId(Uuid::from_u128(7)),
        };
        assert_eq!(Place::parse(&place.to_string()).unwrap(), place);
        let id = place.id;
        for cursor in [
            "",
            ".",
            "1",
            &format!("x.{id}"),
            "1.x",
            "-1.x",
            &format!("-1.{id}"),
            &format!("1.{id}."),
        ] {
            let refused = Place::<SessionId>::parse(cursor).unwrap_err();
            assert_eq!(refused.code, ProblemCode::MalformedQuery, "{cursor}");
        }
    }

    #[test]
    fn page_has_a_next_one_only_when_more_was_read_than_it_holds() {
        for (read, kept, next) in [(0, 0, None), (2, 2, None), (3, 2, Some("2".to_owned()))] {
            let mut rows: Vec<usize> = (1..=read).collect();
            assert_eq!((cut(&mut rows, 2, |row| *row), rows.len()), (next, kept));
        }
    }
}
