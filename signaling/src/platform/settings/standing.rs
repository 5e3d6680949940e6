//! The settings that hold: what the department says, else what the file says. Read once, and again when a counter in the database
//! says that they have changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use office_core::settings::{SETTINGS, admit, recording_days};
use protocol::api::{AutoRecord, SessionDefaults, SettingKey, SettingValue};
use protocol::client::SessionKind;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as NoSuchWord, StrDeserializer};

use super::store;
use crate::platform::config::{Config, Sessions};
use crate::platform::database::{Conn, StoreResult};
use crate::platform::lock::lock;

/// The settings that hold at some moment.
#[derive(Debug, Clone)]
pub struct Standing {
    config: Arc<Config>,
    version: i64,
    own: BTreeMap<SettingKey, SettingValue>,
    emblem: Option<String>,
}

impl Standing {
    /// Reads them, as `conn` sees them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(conn: &mut Conn, config: &Arc<Config>) -> StoreResult<Self> {
        // Before the settings: whatever changes in between has another number, and is read next time.
        let version = store::version(conn).await?;
        Self::of_version(conn, config, version).await
    }

    async fn of_version(conn: &mut Conn, config: &Arc<Config>, version: i64) -> StoreResult<Self> {
        let (mut own, mut emblem) = (BTreeMap::new(), None);
        for (key, value) in store::of_every_year(conn).await? {
            if key == store::EMBLEM {
                emblem = serde_json::from_str(&value).ok().flatten();
            } else if let Some(key) = key_of(&key)
                // What an earlier or later release took and this one does not is as if nobody had said it.
                && let Ok(value) = serde_json::from_str::<SettingValue>(&value)
                && let Ok(value) = admit(key, &value)
            {
                own.insert(key, value);
            }
        }
        Ok(Self {
            config: Arc::clone(config),
            version,
            own,
            emblem,
        })
    }

    /// The number of the change after which they hold.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// What the department says.
    #[must_use]
    pub fn own(&self, key: SettingKey) -> Option<&SettingValue> {
        self.own.get(&key)
    }

    /// What holds when the department says nothing.
    #[must_use]
    pub fn default(&self, key: SettingKey) -> Option<SettingValue> {
        use SettingKey as Key;
        let (sessions, retention) = (&self.config.sessions, &self.config.retention);
        let number = |number: u32| Some(SettingValue::Number(number.into()));
        let word = |word: &str| Some(SettingValue::Text(word.to_owned()));
        match key {
            Key::EarlyMinutes => number(sessions.early_minutes),
            Key::MaxInteractive => number(sessions.max_interactive),
            Key::MaxReceiveOnly => number(sessions.max_receive_only),
            Key::LinkHoursAfterEnd => number(sessions.link_hours_after_end),
            Key::GuestReplayDays => number(sessions.guest_replay_days),
            Key::SignInHours => number(self.config.sign_in.hours),
            Key::LinkSampleDays => number(retention.link_sample_days),
            Key::SignInDays => number(retention.sign_in_days),
            Key::MeetingRecordingDays
            | Key::BriefingRecordingDays
            | Key::ConferenceRecordingDays
            | Key::SeminarRecordingDays
            | Key::TrainingRecordingDays
            | Key::ClassObservationRecordingDays => number(retention.recording_days),
            Key::SessionKind => word("meeting"),
            Key::SessionMinutes => number(90),
            Key::AutoRecord => word("conferences"),
            Key::DepartmentName
            | Key::DepartmentShortName
            | Key::OnlineMeetingRate
            | Key::BlendedClassRate
            | Key::BlendedContentRate
            | Key::TeacherCoverage => None,
        }
    }

    /// What holds.
    #[must_use]
    pub fn value(&self, key: SettingKey) -> Option<SettingValue> {
        self.own(key).cloned().or_else(|| self.default(key))
    }

    /// A setting that is a number; 0 for another.
    #[must_use]
    pub fn number(&self, key: SettingKey) -> u32 {
        match self.value(key) {
            Some(SettingValue::Number(number)) => u32::try_from(number).unwrap_or(0),
            _ => 0,
        }
    }

    /// A setting that is a text, if anybody has set it.
    #[must_use]
    pub fn text(&self, key: SettingKey) -> Option<String> {
        match self.value(key) {
            Some(SettingValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// How sessions are.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions {
            max_interactive: self.number(SettingKey::MaxInteractive),
            max_receive_only: self.number(SettingKey::MaxReceiveOnly),
            early_minutes: self.number(SettingKey::EarlyMinutes),
            link_hours_after_end: self.number(SettingKey::LinkHoursAfterEnd),
            guest_replay_days: self.number(SettingKey::GuestReplayDays),
        }
    }

    /// How long recordings of a kind of session are kept that is planned from now on, in days.
    #[must_use]
    pub fn recording_days(&self, kind: SessionKind) -> u32 {
        self.number(recording_days(kind))
    }

    /// What the page of a new session begins with.
    #[must_use]
    pub fn session_defaults(&self) -> SessionDefaults {
        SessionDefaults {
            kind: self
                .word(SettingKey::SessionKind)
                .unwrap_or(SessionKind::Meeting),
            minutes: self.number(SettingKey::SessionMinutes),
            auto_record: self
                .word::<AutoRecord>(SettingKey::AutoRecord)
                .unwrap_or_default(),
        }
    }

    /// The hash of the department's own mark, if it has one.
    #[must_use]
    pub fn emblem(&self) -> Option<&str> {
        self.emblem.as_deref()
    }

    fn word<T: DeserializeOwned>(&self, key: SettingKey) -> Option<T> {
        word_of(&self.text(key)?)
    }
}

/// The setting that a row is of, if it is one of the page's.
fn key_of(stored: &str) -> Option<SettingKey> {
    word_of(stored).filter(|key| SETTINGS.contains(key))
}

fn word_of<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<NoSuchWord>::new(word)).ok()
}

/// The settings in memory. Cheap to clone; clones remember the same.
#[derive(Debug, Clone)]
pub struct Settings {
    config: Arc<Config>,
    remembered: Arc<Mutex<Option<Arc<Standing>>>>,
}

impl Settings {
    /// Over what stands in the file.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            remembered: Arc::default(),
        }
    }

    /// Those that hold, as `conn` sees them: a transaction sees its own changes, and what it has not committed is remembered by
    /// nobody else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(&self, conn: &mut Conn) -> StoreResult<Arc<Standing>> {
        let version = store::version(conn).await?;
        let remembered = lock(&self.remembered).clone();
        if let Some(standing) = remembered.filter(|standing| standing.version == version) {
            return Ok(standing);
        }
        let standing = Arc::new(Standing::of_version(conn, &self.config, version).await?);
        if !conn.is_transaction() {
            *lock(&self.remembered) = Some(Arc::clone(&standing));
        }
        Ok(standing)
    }
}
