//! Pictures in planar YUV 4:2:0, and drawing them onto one another. All positions and sizes are even.

/// A colour: luma and the two chromas, in the limited range of BT.601.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// A part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Rect {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// A picture: the plane Y, then U and V of a quarter each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Picture {
    /// A picture of one colour.
    pub(super) fn filled(width: usize, height: usize, colour: Colour) -> Self {
        let mut picture = Self {
            width,
            height,
            data: vec![0; Self::bytes(width, height)],
        };
        picture.fill(
            Rect {
                x: 0,
                y: 0,
                width,
                height,
            },
            colour,
        );
        picture
    }

    /// A picture from its planes; `None` when these are not as many bytes as the size needs.
    pub(super) fn from_planes(width: usize, height: usize, data: Vec<u8>) -> Option<Self> {
        (data.len() == Self::bytes(width, height)).then_some(Self {
            width,
            height,
            data,
        })
    }

    /// Bytes of a picture of a size.
    pub(super) fn bytes(width: usize, height: usize) -> usize {
        width * height * 3 / 2
    }

    /// The planes in a row.
    pub(super) fn planes(&self) -> &[u8] {
        &self.data
    }

    /// Takes the memory of the planes for another picture.
    pub(super) fn into_planes(self) -> Vec<u8> {
        self.data
    }

    /// Offset, line length, and by how much smaller than the picture, of Y, U and V.
    fn layout(width: usize, height: usize) -> [(usize, usize, usize); 3] {
        let luma = width * height;
        [
            (0, width, 1),
            (luma, width / 2, 2),
            (luma + luma / 4, width / 2, 2),
        ]
    }

    /// Fills a part with a colour.
    pub(super) fn fill(&mut self, rect: Rect, colour: Colour) {
        let planes = Self::layout(self.width, self.height);
        for ((offset, line, scale), value) in planes.into_iter().zip([colour.0, colour.1, colour.2])
        {
            for y in rect.y / scale..(rect.y + rect.height) / scale {
                let start = offset + y * line + rect.x / scale;
                self.data[start..start + rect.width / scale].fill(value);
            }
        }
    }

    /// Draws another picture with its upper left corner at a place; it must fit.
    pub(super) fn draw(&mut self, picture: &Self, x: usize, y: usize) {
        let from = Self::layout(picture.width, picture.height);
        let to = Self::layout(self.width, self.height);
        for ((from, from_line, scale), (to, to_line, _)) in from.into_iter().zip(to) {
            let width = picture.width / scale;
            for row in 0..picture.height / scale {
                let source = from + row * from_line;
                let target = to + (y / scale + row) * to_line + x / scale;
                self.data[target..target + width]
                    .copy_from_slice(&picture.data[source..source + width]);
            }
        }
    }

    /// Lightens the part `rect` to white where `mask` (a byte per pixel, line by line) says so: text on a dark ground.
    pub(super) fn lighten(&mut self, rect: Rect, mask: &[u8]) {
        const WHITE: u32 = 235;
        for (row, coverage) in mask.chunks(rect.width).take(rect.height).enumerate() {
            let start = (rect.y + row) * self.width + rect.x;
            for (luma, coverage) in self.data[start..].iter_mut().zip(coverage) {
                let coverage = u32::from(*coverage);
                let mixed = (u32::from(*luma) * (255 - coverage) + WHITE * coverage) / 255;
                *luma = u8::try_from(mixed).unwrap_or(u8::MAX);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_is_drawn_in_its_place_and_nowhere_else() {
        let mut canvas = Picture::filled(8, 8, Colour(16, 128, 128));
        canvas.draw(&Picture::filled(4, 2, Colour(200, 90, 240)), 2, 4);
        let (luma, chroma) = canvas.planes().split_at(64);
        for (n, value) in luma.iter().enumerate() {
            let inside = (2..6).contains(&(n % 8)) && (4..6).contains(&(n / 8));
            assert_eq!(*value, if inside { 200 } else { 16 }, "pixel {n}");
        }
        assert_eq!(chroma.iter().filter(|value| **value == 90).count(), 2);
        assert_eq!(chroma.iter().filter(|value| **value == 240).count(), 2);
    }

    #[test]
    fn text_lightens_what_is_under_it() {
        let mut canvas = Picture::filled(4, 4, Colour(40, 128, 128));
        canvas.lighten(
            Rect {
                x: 2,
                y: 2,
                width: 2,
                height: 2,
            },
            &[0, 255, 128, 0],
        );
        assert_eq!(
            canvas.planes()[..16],
            [
                40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 235, 40, 40, 137, 40
            ]
        );
    }
}
