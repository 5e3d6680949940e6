//! Text typed with fonts of the time before Unicode: TCVN3 (ABC) and VNI put their letters where Unicode has others, so
//! "Nguyễn" is stored as "NguyÔn" or "Nguyeãn".

/// How such a text was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Legacy {
    /// TCVN 5712:1993, the fonts whose names begin with a dot: .VnTime.
    Tcvn3,
    /// The fonts whose names begin with VNI-.
    Vni,
}

impl Legacy {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tcvn3 => "TCVN3",
            Self::Vni => "VNI",
        }
    }
}

/// Letters that Vietnamese has not, and where VNI puts its own.
const VNI_LETTERS: &str = "øûïñöåäëüÿæØÛÏÑÖÅÄËÜ";
/// A vowel and the letter by which VNI marks it; none of these pairs is Vietnamese.
const VNI_PAIRS: [&str; 32] = [
    "aâ", "aê", "aù", "aõ", "aã", "aà", "aá", "aè", "aé", "eâ", "eã", "eù", "eõ", "eê", "eà", "eá",
    "oâ", "où", "uù", "uõ", "yù", "yõ", "AÂ", "AÊ", "AÙ", "AÀ", "AÁ", "AÈ", "AÉ", "EÂ", "OÂ", "OÙ",
];

/// Whether a text shows signs of such a font.
pub(super) fn legacy_of(text: &str) -> Option<Legacy> {
    if shows_tcvn3(text) {
        return Some(Legacy::Tcvn3);
    }
    let is_vni = text.contains(|c| VNI_LETTERS.contains(c))
        || VNI_PAIRS.iter().any(|pair| text.contains(pair));
    is_vni.then_some(Legacy::Vni)
}

/// TCVN3 uses signs as letters ("V¨n", "Kh¸nh") and capitals among small ones ("NguyÔn").
fn shows_tcvn3(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.iter().enumerate().any(|(at, c)| {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        let beside_letter =
            before.is_some_and(char::is_alphabetic) || after.is_some_and(char::is_alphabetic);
        let sign = matches!(c, '\u{a1}'..='\u{bf}') && !matches!(c, '\u{ab}' | '\u{bb}' | '\u{b7}');
        let capital = matches!(c, 'À'..='Þ') && before.is_some_and(char::is_lowercase);
        (sign && beside_letter) || capital
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_typed_before_unicode_are_noticed() {
        for text in [
            "NguyÔn V¨n Kh¸nh",
            "TrÇn ThÞ H»ng",
            "§ç §øc",
            "Tr\u{AD}êng THCS",
            "Gi¸o viªn",
        ] {
            assert_eq!(legacy_of(text), Some(Legacy::Tcvn3), "{text}");
        }
        for text in [
            "Nguyeãn Vaên Khaùnh",
            "Traàn Thò Haèng",
            "Ñoã Ñöùc",
            "Tröôøng THCS",
            "Phaïm Vaên Huøng",
        ] {
            assert_eq!(legacy_of(text), Some(Legacy::Vni), "{text}");
        }
    }

    #[test]
    fn vietnamese_in_unicode_is_not() {
        for text in [
            "Nguyễn Văn Khánh",
            "Trần Thị Hằng",
            "Đỗ Đức",
            "Trường THCS Nậm Giải",
            "TRẦN THỊ HOÀ",
            "Vừ Bá Xồng",
            "Lầu Y Pà",
            "Huệ Luân",
            "Nguyễn Thuý Hoài",
            "Hoàng Thị Uyên",
            "K'Brôi",
            "H'Hen Niê",
            "Khuất Quang Huy",
            "Phó Hiệu trưởng",
            "Ngữ văn, Giáo dục công dân",
            "xoong",
            "4150-0112",
            "Tổ trưởng (Toán – Tin)",
            "",
            "Hoãn",
            "Ngoẵn",
            "Quế Phong",
            "Đà Nẵng",
            "Niê Kđăm",
            "Siu Blôh",
        ] {
            assert_eq!(legacy_of(text), None, "{text}");
        }
    }
}
