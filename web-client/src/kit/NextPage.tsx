import { Button } from "@mantine/core";
import type { ReactNode } from "react";

/** A list that comes by pages; an infinite query of TanStack is one. */
interface Paged {
	hasNextPage: boolean;
	isFetchingNextPage: boolean;
	fetchNextPage: () => unknown;
}

/** The key that asks for the next page of a list; nothing once the list is whole. */
export function NextPage({
	query,
	className,
	children,
}: {
	query: Paged;
	className?: string | undefined;
	children: ReactNode;
}) {
	if (!query.hasNextPage) return null;
	return (
		<div className={className}>
			<Button
				variant="default"
				loading={query.isFetchingNextPage}
				onClick={() => void query.fetchNextPage()}
			>
				{children}
			</Button>
		</div>
	);
}
