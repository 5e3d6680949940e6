import "@/theme/layers.css";
import "@/theme/fonts.css";
import "@/theme/mantine.css";
import "@/theme/tokens.css";
import "@/theme/base.css";

import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { createAppRouter, createQueryClient } from "@/app/router";
import { startI18n } from "@/i18n";
import { createServer } from "@/session";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has an element with id root");

const server = createServer((input, init) => window.fetch(input, init));
const queryClient = createQueryClient();
const router = createAppRouter({ server, queryClient });

await startI18n();
createRoot(root).render(
	<App server={server} queryClient={queryClient} router={router} />,
);
