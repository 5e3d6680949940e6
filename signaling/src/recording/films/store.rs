//! Stored objects.

use protocol::{MediaFileId, RecordingId, UtcMicros};
use sqlx::FromRow;

use crate::platform::database::{Conn, StoreResult, Tx, new_id, sql};

/// A stored object.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MediaFile {
    /// Its id.
    pub id: MediaFileId,
    /// Path below the data folder.
    pub storage_key: String,
    /// Size.
    pub bytes: i64,
    /// Hash of its content.
    pub sha256: Vec<u8>,
    /// Media type.
    pub mime: String,
}

/// The newest composite of a recording.
///
/// # Errors
/// When the database fails.
pub async fn composite(conn: &mut Conn, recording: RecordingId) -> StoreResult<Option<MediaFile>> {
    sql!(
        optional MediaFile, conn,
        "SELECT id, storage_key, bytes, sha256, mime FROM media_file
         WHERE recording_id = $1 AND purpose = 'composite' AND deleted_at_us IS NULL
         ORDER BY id DESC LIMIT 1",
        recording
    )
}

/// Records the composite of a recording, in place of an earlier one under the same key.
///
/// # Errors
/// When the database fails.
pub async fn put_composite(
    tx: &mut Tx,
    recording: RecordingId,
    storage_key: &str,
    bytes: i64,
    sha256: &[u8],
    now: UtcMicros,
) -> StoreResult<()> {
    sql!(
        execute, tx,
        "INSERT INTO media_file (id, purpose, storage_key, bytes, sha256, mime, recording_id, created_at_us)
         VALUES ($1, 'composite', $2, $3, $4, 'video/mp4', $5, $6)
         ON CONFLICT (storage_key) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256,
             created_at_us = excluded.created_at_us, deleted_at_us = NULL",
        new_id(), storage_key, bytes, sha256, recording, now
    )?;
    Ok(())
}
