//! Scenarios: who takes part, for how long, and what they must get. Written in TOML; the shipped ones are built in.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use protocol::client::SessionRole;
use protocol::media::{Profile, Source};
use serde::Deserialize;

use crate::media::Layer;

/// The scenarios of this repository, by name.
pub const SHIPPED: [(&str, &str); 3] = [
    ("smoke", include_str!("../scenarios/smoke.toml")),
    ("meeting-22", include_str!("../scenarios/meeting-22.toml")),
    ("lecture", include_str!("../scenarios/lecture.toml")),
];

/// No scenario lasts longer: a forgotten generator is a nuisance.
pub const LONGEST: Duration = Duration::from_secs(8 * 3600);

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is, in a sentence.
    pub about: String,
    /// How long everybody is in the room together, in seconds.
    pub duration_s: u64,
    /// The time over which people come, evenly, in seconds.
    pub join_within_s: f64,
    /// Who takes part, in the order in which they come.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
}

/// People who do the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name in the report, also the beginning of its members' names.
    pub name: String,
    /// How many there are.
    pub count: usize,
    /// Their role in the session; the tokens must have it.
    pub role: SessionRole,
    /// How they take part.
    pub via: Via,
    /// The receive lines of those who come by WebSocket.
    #[serde(default = "room")]
    pub profile: Profile,
    /// What they publish.
    #[serde(default)]
    pub publish: Vec<Source>,
    /// The rids of the camera's layers; one alone is sent without simulcast.
    #[serde(default = "all_rids")]
    pub layers: Vec<String>,
    /// What each of them must get.
    #[serde(default)]
    pub expect: Expectation,
}

/// How somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// By WebSocket, like the web client.
    Websocket,
    /// As an encoder.
    Whip,
    /// As a player; all of the group share one token.
    Whep,
}

/// The pass lines of a group. An absent limit is not checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// Nineteen in twenty see a first picture within this time, in milliseconds.
    pub first_frame_p95_ms: Option<u64>,
    /// Nobody loses more, in percent, retransmissions considered.
    pub loss_percent: Option<f64>,
    /// Nobody's pictures stand still for longer, in percent of the time.
    pub frozen_percent: Option<f64>,
    /// Main pictures that everybody sees, 0 or 1.
    pub stages: usize,
    /// Tiles that everybody sees.
    pub tiles: usize,
    /// Voice lines on which everybody hears something.
    pub voices: usize,
}

const fn room() -> Profile {
    Profile::Room
}

fn all_rids() -> Vec<String> {
    Layer::ALL.map(|layer| layer.rid().to_owned()).into()
}

impl Scenario {
    /// Finds a scenario: a shipped one by name, otherwise a file.
    ///
    /// # Errors
    /// When there is neither, or it is not a valid scenario.
    pub fn find(name: &str) -> anyhow::Result<Self> {
        let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
        let text = match shipped {
            Some((_, text)) => (*text).to_owned(),
            None => std::fs::read_to_string(name).with_context(|| {
                let known = SHIPPED.map(|(known, _)| known).join(", ");
                format!("{name} is neither a scenario ({known}) nor a file")
            })?,
        };
        Self::parse(&text).with_context(|| format!("scenario {name}"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let scenario: Self = toml::from_str(text)?;
        ensure!(
            Duration::from_secs(scenario.duration_s) <= LONGEST,
            "it lasts longer than {} h",
            LONGEST.as_secs() / 3600
        );
        for group in &scenario.groups {
            group.camera_layers()?;
        }
        Ok(scenario)
    }
}

impl Group {
    /// The layers of the camera; empty without one.
    ///
    /// # Errors
    /// When a rid is unknown or there is none.
    pub fn camera_layers(&self) -> anyhow::Result<Vec<Layer>> {
        if !self.publish.contains(&Source::Camera) {
            return Ok(Vec::new());
        }
        if self.layers.is_empty() {
            bail!("group {} has a camera without layers", self.name);
        }
        let layer = |rid: &String| {
            Layer::from_rid(rid).with_context(|| format!("{rid} is no rid: use l, m or h"))
        };
        self.layers.iter().map(layer).collect()
    }

    /// Whether its members speak.
    #[must_use]
    pub fn speaks(&self) -> bool {
        self.publish.contains(&Source::Microphone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_scenarios_are_valid() {
        for (name, _) in SHIPPED {
            Scenario::find(name).unwrap();
        }
    }

    #[test]
    fn the_provincial_meeting_has_22_points_that_see_and_hear_each_other() {
        let meeting = Scenario::find("meeting-22").unwrap();
        let [points] = meeting.groups.as_slice() else {
            panic!("one group");
        };
        assert_eq!(points.count, 22);
        assert_eq!(
            (points.via, points.profile),
            (Via::Websocket, Profile::Room)
        );
        assert_eq!(points.camera_layers().unwrap(), Layer::ALL);
        let expected = &points.expect;
        assert_eq!(
            (expected.stages, expected.tiles, expected.voices),
            (1, 8, 3)
        );
    }

    #[test]
    fn mistakes_in_a_scenario_are_named() {
        let smoke = SHIPPED[0].1;
        for (from, to, said) in [
            ("count", "cuont", "cuont"),
            ("[\"l\", \"m\"]", "[\"x\"]", "x is no rid"),
            ("duration_s = 10", "duration_s = 100000", "longer than 8 h"),
        ] {
            let error = Scenario::parse(&smoke.replacen(from, to, 1)).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{error:#}");
        }
        assert!(Scenario::find("no-such").is_err());
    }
}
