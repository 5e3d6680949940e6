/**
 * A file of units to fill in, as `data:` of a link: the columns that the import reads, and two rows as examples. It begins with the
 * mark by which Excel knows UTF-8, and has the semicolons that it expects in Viet Nam.
 */
export const unitTemplate = `data:text/csv;charset=utf-8,${encodeURIComponent(
	[
		"\ufeffMã đơn vị;Tên đơn vị;Loại;Mã đơn vị cấp trên",
		"XA-01;UBND xã Mường Xén;commune_unit;SGD",
		"TH-01;Trường TH Mường Xén;school;XA-01",
		"",
	].join("\r\n"),
)}`;
