import "@/theme/layers.css";
import "@/theme/fonts.css";
import "@/theme/mantine.css";
import "@/theme/tokens.css";
import "@/theme/base.css";

import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { createAppRouter, createQueryClient } from "@/app/router";
import { startI18n } from "@/i18n";
import { createApi } from "@/session";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has an element with id root");

const api = createApi((input, init) => window.fetch(input, init));
const queryClient = createQueryClient();
const router = createAppRouter({ api, queryClient });

await startI18n();
createRoot(root).render(
	<App api={api} queryClient={queryClient} router={router} />,
);
