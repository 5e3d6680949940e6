import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { I18nextProvider } from "react-i18next";
import { i18n } from "@/i18n";
import { type Server, ServerProvider } from "@/session";
import { WithErrorWords } from "@/session/WithErrorWords";
import type { AppRouter } from "./router";

/** All providers around the router; the theme sits in its root route, because the scheme depends on the route. */
export function App({
	server,
	queryClient,
	router,
}: {
	server: Server;
	queryClient: QueryClient;
	router: AppRouter;
}) {
	return (
		<I18nextProvider i18n={i18n}>
			<ServerProvider value={server}>
				<QueryClientProvider client={queryClient}>
					<WithErrorWords>
						<RouterProvider router={router} />
					</WithErrorWords>
				</QueryClientProvider>
			</ServerProvider>
		</I18nextProvider>
	);
}
