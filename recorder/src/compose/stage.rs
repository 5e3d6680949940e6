//! Draws scenes: the main picture, the seats beside it, the names.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use protocol::media::{Source as MediaSource, TrackRef};

use super::ComposeError;
use super::canvas::{Colour, Picture, Rect};
use super::edit::Scene;
use super::plate::{self, Plate};
use super::player::Player;
use super::source::{PictureTrack, hold_us};
use super::wall::{Cast, Who};
use crate::config::ComposeConfig;

/// Seats beside the main picture at most.
pub(super) const PLACES: usize = 8;

const GROUND: Colour = Colour(26, 130, 127);
const GREY: Colour = Colour(96, 128, 128);
const STRIP: Colour = Colour(38, 130, 127);
const STRIP_OF_SPEAKER: Colour = Colour(84, 120, 96);

/// Where things are.
struct Layout {
    main: Rect,
    seats: Vec<Rect>,
}

impl Layout {
    /// Up to five seats are 3/16 of the width, more are 1/8: at 1280×720 eight of 160×90 fill the height.
    fn new(width: usize, height: usize, seats: usize) -> Self {
        let share = match seats {
            0 => 0,
            1..=5 => width * 3 / 16,
            _ => width / 8,
        };
        let seat_height = even((share * 9 / 16).min(height / seats.max(1)));
        let seat_width = even((seat_height * 16).div_ceil(9));
        let seat = |n| Rect {
            x: width - seat_width,
            y: n * seat_height,
            width: seat_width,
            height: seat_height,
        };
        Self {
            main: Rect {
                x: 0,
                y: 0,
                width: width - seat_width,
                height,
            },
            seats: (0..seats).map(seat).collect(),
        }
    }
}

fn even(pixels: usize) -> usize {
    pixels & !1
}

/// The lower part of a rectangle, where the name is.
fn strip(rect: Rect, height: usize) -> Rect {
    let height = even(height).min(rect.height);
    Rect {
        y: rect.y + rect.height - height,
        height,
        ..rect
    }
}

/// Draws the film picture by picture.
pub(super) struct Stage<'a> {
    config: &'a ComposeConfig,
    folder: &'a Path,
    cast: Cast<'a>,
    tracks: &'a BTreeMap<TrackRef, Arc<PictureTrack>>,
    canvas: Picture,
    players: BTreeMap<(TrackRef, Rect), Option<Player>>,
    names: BTreeMap<(Who, usize, usize), Plate>,
}

impl<'a> Stage<'a> {
    /// A stage on which the tracks play; short-lived files go to `folder`.
    pub(super) fn new(
        config: &'a ComposeConfig,
        folder: &'a Path,
        cast: Cast<'a>,
        tracks: &'a BTreeMap<TrackRef, Arc<PictureTrack>>,
    ) -> Self {
        Self {
            config,
            folder,
            cast,
            tracks,
            canvas: Picture::filled(config.width as usize, config.height as usize, GROUND),
            players: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    /// Rearranges for a scene: starts the decoders it needs from `at_us` on, ends the others, draws what stands still.
    pub(super) fn set(&mut self, scene: &Scene, at_us: f64) -> Result<(), ComposeError> {
        let wanted = self
            .views(scene)
            .filter_map(|view| Some((view.track?, view.rect)))
            .collect::<Vec<_>>();
        self.players.retain(|view, _| wanted.contains(view));
        for (track, rect) in wanted {
            if !self.players.contains_key(&(track, rect))
                && let Some(pictures) = self.tracks.get(&track)
            {
                let player = Player::open(
                    &self.config.ffmpeg,
                    pictures,
                    at_us,
                    (rect.width, rect.height),
                )?;
                self.players.insert((track, rect), player);
            }
        }
        let (width, height) = (self.config.width as usize, self.config.height as usize);
        self.canvas.fill(
            Rect {
                x: 0,
                y: 0,
                width,
                height,
            },
            GROUND,
        );
        for view in self.views(scene).collect::<Vec<_>>() {
            self.name(&view)?;
        }
        Ok(())
    }

    /// The film's picture at `at_us`. Times must not go back.
    pub(super) fn picture(&mut self, scene: &Scene, at_us: f64) -> &Picture {
        let freeze_us = i64::try_from(self.config.freeze_ms)
            .unwrap_or(i64::MAX)
            .saturating_mul(1_000);
        for view in self.views(scene).collect::<Vec<_>>() {
            let shown = view.track.and_then(|track| {
                let player = self.players.get_mut(&(track, view.rect))?.as_mut()?;
                player.at(at_us, hold_us(track.source, freeze_us) as f64)
            });
            match shown {
                Some(picture) => self.canvas.draw(picture, view.rect.x, view.rect.y),
                None => self.canvas.fill(view.rect, GREY),
            }
            let Some(who) = view.who else {
                continue;
            };
            let name = self.names.get(&(who, view.rect.width, view.line));
            let strip = strip(view.rect, name.map_or(view.line, |name| name.height));
            let ground = if view.speaking {
                STRIP_OF_SPEAKER
            } else {
                STRIP
            };
            self.canvas.fill(strip, ground);
            if let Some(name) = name {
                self.canvas.lighten(strip, &name.mask);
            }
        }
        &self.canvas
    }

    /// The main picture and the seats of a scene.
    fn views(&self, scene: &Scene) -> impl Iterator<Item = View> + use<> {
        let (width, height) = (self.config.width as usize, self.config.height as usize);
        let layout = Layout::new(width, height, scene.seats.len());
        let main = View {
            rect: layout.main,
            line: even(height / 18),
            track: scene.main.track,
            who: scene.main.person.map(Who::Person),
            speaking: false,
        };
        let seats: Vec<_> = scene
            .seats
            .iter()
            .zip(layout.seats)
            .map(|(seat, rect)| View {
                rect,
                line: even(rect.height / 5),
                track: match seat.who {
                    Who::Person(participant) if seat.camera => Some(TrackRef {
                        participant,
                        source: MediaSource::Camera,
                    }),
                    Who::Person(_) | Who::Seat(_) => None,
                },
                who: Some(seat.who),
                speaking: seat.speaking,
            })
            .collect();
        std::iter::once(main).chain(seats)
    }

    /// Has the name of a view drawn, once per size.
    fn name(&mut self, view: &View) -> Result<(), ComposeError> {
        let named = |who: Who| {
            let name = match who {
                Who::Person(person) => &self.cast.people.get(&person)?.name,
                Who::Seat(seat) => self.cast.seats.get(&seat)?,
            };
            Some((who, name))
        };
        let Some((who, name)) = view.who.and_then(named) else {
            return Ok(());
        };
        let size = (view.rect.width, view.line);
        if let std::collections::btree_map::Entry::Vacant(entry) =
            self.names.entry((who, size.0, size.1))
        {
            let drawn = plate::draw(
                &self.config.ffmpeg,
                self.folder,
                &self.config.font,
                name,
                size,
            );
            entry.insert(match drawn {
                // A film without a name is better than none.
                Err(error @ ComposeError::Ffmpeg { full: false, .. }) => {
                    tracing::warn!(%error, name, "a plate stays without its name");
                    Plate::empty(size)
                }
                drawn => drawn?,
            });
        }
        Ok(())
    }
}

/// A place on the stage and what is in it.
#[derive(Clone, Copy)]
struct View {
    rect: Rect,
    /// The height of a line of its name.
    line: usize,
    track: Option<TrackRef>,
    who: Option<Who>,
    speaking: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_and_main_picture_fill_the_film_without_overlap() {
        for seats in 0..=PLACES {
            let layout = Layout::new(1_280, 720, seats);
            assert_eq!(layout.seats.len(), seats);
            for (n, seat) in layout.seats.iter().enumerate() {
                assert!(seat.y + seat.height <= 720 && seat.x + seat.width == 1_280);
                assert_eq!(seat.x, layout.main.width);
                assert!(n == 0 || layout.seats[n - 1].y + seat.height == seat.y);
                assert_eq!(
                    (seat.x | seat.y | seat.width | seat.height) & 1,
                    0,
                    "chroma needs even places"
                );
            }
        }
        assert_eq!(
            Layout::new(1_280, 720, 8).seats[7],
            Rect {
                x: 1_120,
                y: 630,
                width: 160,
                height: 90
            }
        );
    }
}
