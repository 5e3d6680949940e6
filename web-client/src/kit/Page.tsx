import type { ReactNode } from "react";
import classes from "./Page.module.css";
import { useDocumentTitle } from "./useDocumentTitle";

/** A light page: its title, a line under it, what stands at the right of both, and the content. */
export function Page({
	title,
	lead,
	aside,
	pictureFirst,
	children,
}: {
	title: string;
	lead?: ReactNode;
	aside?: ReactNode;
	/** Whether in a window of little height the content comes before the title. */
	pictureFirst?: boolean;
	children: ReactNode;
}) {
	useDocumentTitle(title);
	return (
		<div
			className={classes.page}
			data-picture-first={pictureFirst || undefined}
		>
			<div className={classes.head}>
				<div>
					<h1>{title}</h1>
					{lead && <p>{lead}</p>}
				</div>
				{aside && <div className={classes.aside}>{aside}</div>}
			</div>
			{children}
		</div>
	);
}

/** A titled part of a page, named for screen readers by its heading; `aside` stands at the heading's right. */
export function Section({
	title,
	aside,
	children,
	className,
}: {
	title: string;
	aside?: ReactNode;
	children: ReactNode;
	className?: string;
}) {
	return (
		<section aria-label={title} className={className}>
			<div className={classes.section}>
				<h2>{title}</h2>
				{aside && <div className={classes.sectionAside}>{aside}</div>}
			</div>
			{children}
		</section>
	);
}

/** White ground with a line around it. */
export function Card({
	children,
	className,
}: {
	children: ReactNode;
	className?: string;
}) {
	return <div className={`${classes.card} ${className ?? ""}`}>{children}</div>;
}
