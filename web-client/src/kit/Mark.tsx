/** The product's mark: a main bridge point and two others on one line; or the department's own, where it has one. */
export function Mark({
	width = 38,
	own,
}: {
	width?: number;
	/** Where the department's mark is had. */
	own?: string | null | undefined;
}) {
	const height = width * 0.8;
	if (own) return <img src={own} alt="" height={height} />;
	return (
		<svg
			viewBox="0 0 40 32"
			width={width}
			height={height}
			aria-hidden="true"
			focusable="false"
		>
			<path
				d="M5 25Q20 1 35 25M5 25h30"
				fill="none"
				stroke="currentColor"
				strokeWidth="2.6"
			/>
			<circle cx="20" cy="13" r="5.6" fill="currentColor" />
			<circle cx="5" cy="25" r="4" fill="currentColor" />
			<circle cx="35" cy="25" r="4" fill="currentColor" />
		</svg>
	);
}
