//! Units and bridge points, as far as others name them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Names a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct UnitRef {
    /// External code.
    pub code: String,
    /// Today's name.
    pub name: String,
}

/// Names a bridge point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PointRef {
    /// Its number, the same on every wall, list and film; from 1.
    pub number: u32,
    /// Code, for example `DC-07`.
    pub code: String,
    /// Name.
    pub name: String,
}

impl PointRef {
    /// A point as everybody is told of it. Numbers are stored as `i64`; one that is none of ours is told as 0.
    #[must_use]
    pub fn new(code: String, name: String, number: i64) -> Self {
        Self {
            number: u32::try_from(number).unwrap_or_default(),
            code,
            name,
        }
    }

    /// The same of columns that are there when there is a point.
    #[must_use]
    pub fn if_any(code: Option<String>, name: Option<String>, number: Option<i64>) -> Option<Self> {
        Some(Self::new(code?, name?, number?))
    }
}
