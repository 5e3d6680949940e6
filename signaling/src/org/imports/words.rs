//! Why rows are not written, in the words of the file that is sent back: Vietnamese, as its columns are.

use office_core::people_import::Fault;
use protocol::api::RowFaultCode;

/// A fault as one sentence.
pub(super) fn sentence(fault: &Fault) -> String {
    let of = |name: &str| fault.params.get(name).map_or("", String::as_str);
    let column = column_name(of("column"));
    let day = |name: &str| {
        let parts: Vec<&str> = of(name).split('-').rev().collect();
        parts.join("/")
    };
    match fault.code {
        RowFaultCode::MissingName => "Chưa có họ tên.".to_owned(),
        RowFaultCode::MissingUnit => "Người mới chưa có đơn vị.".to_owned(),
        RowFaultCode::MissingPosition => "Người mới chưa có chức vụ.".to_owned(),
        RowFaultCode::BadText if of("reason") == "too_long" => {
            format!("Ô {column} dài quá {} ký tự.", of("limit"))
        }
        RowFaultCode::BadText => format!("Ô {column} có ký tự không dùng được. Gõ lại."),
        RowFaultCode::LegacyFont => format!(
            "Ô {column} gõ bằng phông {}: “{}”. Chuyển sang Unicode rồi nhập lại.",
            of("font"),
            of("text")
        ),
        RowFaultCode::BadDay => {
            format!(
                "{column} “{}” không có trong lịch. Viết ngày/tháng/năm, ví dụ 01/09/2026.",
                of("text")
            )
        }
        RowFaultCode::EndsBeforeItBegins => {
            format!("Ngày thôi {} trước ngày vào {}.", day("to"), day("from"))
        }
        RowFaultCode::LostZeros => format!(
            "Mã {} thiếu số đầu, có thể là {}. Để cột Mã ở dạng chữ (Text) rồi lưu lại.",
            of("code"),
            of("padded")
        ),
        RowFaultCode::TwinRow => format!("Trùng người với dòng {}. Chỉ giữ một dòng.", of("row")),
        RowFaultCode::MergedCell => {
            format!(
                "Ô {column} bị gộp từ dòng {}. Bỏ gộp, chép đủ từng dòng.",
                of("row")
            )
        }
        RowFaultCode::FormulaError => format!("Công thức ở ô {column} bị lỗi {}.", of("text")),
        RowFaultCode::UnknownUnit => format!(
            "Không có đơn vị “{}”. Ghi đúng mã hoặc tên đơn vị.",
            of("unit")
        ),
        RowFaultCode::UnitGone => {
            format!("Đơn vị “{}” không còn. Ghi đơn vị hiện nay.", of("unit"))
        }
        RowFaultCode::UnitAmbiguous => {
            format!(
                "Có nhiều đơn vị tên “{}”. Ghi mã đơn vị thay cho tên.",
                of("unit")
            )
        }
        RowFaultCode::UnitNotYours => {
            format!("{} ngoài phạm vi quản lý của tài khoản này.", of("unit"))
        }
        RowFaultCode::PersonNotYours => {
            format!(
                "{} thuộc cả đơn vị khác. Nhờ quản trị cấp trên sửa.",
                of("name")
            )
        }
        RowFaultCode::Namesake if of("code").is_empty() => format!(
            "Đơn vị đã có {} chưa có mã. Ghi mã ở trang của người đó nếu là một, rồi nhập lại.",
            of("name")
        ),
        RowFaultCode::Namesake => format!(
            "Đơn vị có nhiều người tên {}. Ghi mã để biết là ai.",
            of("name")
        ),
        RowFaultCode::SeveralAppointments => {
            format!(
                "{} có nhiều phân công. Sửa ở trang của người đó.",
                of("name")
            )
        }
        RowFaultCode::BeginsLater => format!(
            "Phân công đang có bắt đầu từ {}. Ghi ngày vào sau ngày đó.",
            day("from")
        ),
    }
}

fn column_name(word: &str) -> &'static str {
    match word {
        "code" => "Mã",
        "family_name" => "Họ",
        "name" => "Họ và tên",
        "form_of_address" => "Danh xưng",
        "unit" => "Đơn vị",
        "position" => "Chức vụ",
        "subject" => "Môn dạy",
        "from" => "Từ ngày",
        "to" => "Đến ngày",
        _ => "",
    }
}
