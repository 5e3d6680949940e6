//! The department is never left without an administrator: not by disabling, not by a new code, not by ending roles.
//!
//! What takes something from somebody is done between [`Guard::hold`] and [`Guard::check`], in one transaction. One who can
//! act has to be there afterwards if one was before, and so one whose role has no last day: otherwise the department would be
//! left alone at a midnight to come.

use axum::http::StatusCode;
use protocol::api::ProblemCode;
use protocol::{Day, GrantId, UtcMicros};

use super::store;
use crate::platform::clock::day;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};

/// How many administered the department before.
#[derive(Debug)]
pub(crate) struct Guard {
    today: Day,
    able: i64,
    without_end: i64,
}

impl Guard {
    /// Counts, and keeps others from changing it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn hold(tx: &mut Tx, now: UtcMicros) -> ApiResult<Self> {
        store::hold_administrators(tx).await?;
        let today = day(now);
        let (able, without_end) = store::department_administrators(tx, &today, None).await?;
        Ok(Self {
            today,
            able,
            without_end,
        })
    }

    /// Refuses what was done since.
    ///
    /// # Errors
    /// 409 `last_administrator`.
    pub(crate) async fn check(self, tx: &mut Tx) -> ApiResult<()> {
        if self.misses_one(tx, None).await? {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                ProblemCode::LastAdministrator,
                "the department would be left without an administrator",
            ));
        }
        Ok(())
    }

    /// Whether the department would be left without an administrator if `role` were not there.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn needs(&self, tx: &mut Tx, role: GrantId) -> ApiResult<bool> {
        self.misses_one(tx, Some(role)).await
    }

    async fn misses_one(&self, tx: &mut Tx, except: Option<GrantId>) -> ApiResult<bool> {
        let left = store::department_administrators(tx, &self.today, except).await?;
        let (able, without_end) = left;
        let nobody_is_left = self.able > 0 && able == 0;
        let nobody_stays = self.without_end > 0 && without_end == 0;
        Ok(nobody_is_left || nobody_stays)
    }
}
