//! Tables as CSV (RFC 4180) that Excel opens as they are: UTF-8 with a byte order mark, and no text that it takes for a formula.

/// What a file begins with, so that Excel reads Vietnamese.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// One line of a table. Every cell is text: one that a spreadsheet would calculate has an apostrophe before it.
#[must_use]
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        push(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

fn push(line: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let is_quoted = is_formula || cell.contains([',', ';', '"', '\r', '\n', '\t']);
    if !is_quoted {
        line.push_str(cell);
        return;
    }
    line.push('"');
    if is_formula {
        line.push('\'');
    }
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_would_be_calculated_stays_text() {
        for cell in ["=1+1", "+84912345678", "-5", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(line([cell]), format!("\"'{cell}\"\r\n"));
        }
        assert_eq!(line(["Họp", "8-9", "a=b"]), "Họp,8-9,a=b\r\n");
    }

    #[test]
    fn what_divides_cells_and_lines_is_quoted() {
        assert_eq!(
            line(["a,b", "nói \"có\"", "một\nhai", "", "x;y"]),
            "\"a,b\",\"nói \"\"có\"\"\",\"một\nhai\",,\"x;y\"\r\n"
        );
    }
}
