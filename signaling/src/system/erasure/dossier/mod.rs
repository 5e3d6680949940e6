//! Everything that is kept about somebody, as one document that they can be handed.

mod store;

use protocol::{PersonId, UtcMicros};
use serde::Serialize;

use crate::platform::database::{Conn, StoreResult};

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Dossier {
    /// What it is, for whoever finds the file.
    about: &'static str,
    /// When it was made.
    made_at_us: UtcMicros,
    /// How times are written.
    times: &'static str,
    #[serde(flatten)]
    chapters: store::Chapters,
}

/// Puts it together.
///
/// # Errors
/// When the database fails.
pub(super) async fn of(conn: &mut Conn, person: PersonId, now: UtcMicros) -> StoreResult<Dossier> {
    Ok(Dossier {
        about: "Mọi dữ liệu mà hệ thống Điểm Cầu đang giữ về một người / Everything that this installation keeps about one person",
        made_at_us: now,
        times: "microseconds since 1970-01-01T00:00:00Z",
        chapters: store::chapters(conn, person).await?,
    })
}
