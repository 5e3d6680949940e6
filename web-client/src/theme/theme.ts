import {
	type ButtonProps,
	type CSSVariablesResolver,
	createTheme,
	type MantineColorsTuple,
	type MantineTheme,
} from "@mantine/core";

/** The ten steps of a scale of tokens.css, lightest first. */
const scale = (name: string): MantineColorsTuple =>
	Array.from(
		{ length: 10 },
		(_, step) => `var(--dc-${name}-${step})`,
	) as unknown as MantineColorsTuple;

/** Heights of controls: dense pointer, normal, main action (DESIGN 4). */
const controlHeights: Record<string, string> = {
	sm: "var(--dc-control-sm)",
	md: "var(--dc-control-md)",
	lg: "var(--dc-control-lg)",
};

/** The design guide's section 10 as a Mantine theme. Colours are references into tokens.css, which alone holds values. */
export const theme = createTheme({
	colors: {
		lam: scale("lam"),
		gray: scale("slate"),
		green: scale("green"),
		yellow: scale("amber"),
		gold: scale("gold"),
		red: scale("red"),
		dark: [
			"#F1F5F6",
			"#BECACF",
			"#97A5AD",
			"#71818A",
			"#2F3E47",
			"#26343C",
			"#1B272E",
			"#0B1216",
			"#090F12",
			"#05090B",
		],
	},
	primaryColor: "lam",
	primaryShade: { light: 7, dark: 3 },
	black: "#111B21",
	fontFamily: "var(--dc-font)",
	headings: {
		fontFamily: "var(--dc-font)",
		fontWeight: "600",
		textWrap: "balance",
		sizes: {
			h1: { fontSize: "1.75rem", lineHeight: "1.45" },
			h2: { fontSize: "1.375rem", lineHeight: "1.45" },
			h3: { fontSize: "1.125rem", lineHeight: "1.45" },
		},
	},
	fontSizes: {
		xs: "0.8125rem",
		sm: "0.875rem",
		md: "1rem",
		lg: "1.125rem",
		xl: "1.375rem",
	},
	lineHeights: { xs: "1.45", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.45" },
	defaultRadius: "sm",
	respectReducedMotion: true,
	focusRing: "never",
	cursorType: "pointer",
	spacing: {
		xs: "0.5rem",
		sm: "0.75rem",
		md: "1rem",
		lg: "1.5rem",
		xl: "2rem",
	},
	radius: { xs: "2px", sm: "4px", md: "6px", lg: "10px", xl: "10px" },
	breakpoints: {
		xs: "24.375em",
		sm: "48em",
		md: "68.75em",
		lg: "85.375em",
		xl: "105em",
	},
	shadows: {
		xs: "var(--dc-shadow-1)",
		sm: "var(--dc-shadow-1)",
		md: "var(--dc-shadow-2)",
		lg: "var(--dc-shadow-3)",
		xl: "var(--dc-shadow-3)",
	},
	components: {
		Button: {
			defaultProps: { size: "md", variant: "default" },
			vars: (_: MantineTheme, { size, variant }: ButtonProps) => ({
				root: {
					"--button-height": controlHeights[String(size ?? "md")],
					"--button-fz":
						size === "lg"
							? "var(--dc-size-lg)"
							: size === "sm"
								? "var(--dc-size-sm)"
								: "var(--dc-size-md)",
					"--button-padding-x":
						size === "sm" ? "12px" : size === "lg" ? "24px" : "16px",
					...(variant === "filled" && {
						"--button-bg": "var(--dc-brand)",
						"--button-hover": "var(--dc-brand-hover)",
						"--button-color": "var(--dc-on-brand)",
						"--button-bd": "1px solid var(--dc-brand)",
					}),
					...((variant === "default" || variant === undefined) && {
						"--button-bg": "var(--dc-surface)",
						"--button-hover": "var(--dc-surface-3)",
						"--button-color": "var(--dc-text)",
						"--button-bd": "1px solid var(--dc-line-control)",
					}),
				},
			}),
		},
		TextInput: { defaultProps: { size: "md" } },
		PasswordInput: { defaultProps: { size: "md" } },
		Textarea: { defaultProps: { size: "md" } },
		Checkbox: { defaultProps: { size: "md" } },
	},
});

const roles = {
	"--mantine-color-body": "var(--dc-bg)",
	"--mantine-color-text": "var(--dc-text)",
	"--mantine-color-dimmed": "var(--dc-text-2)",
	"--mantine-color-default": "var(--dc-surface)",
	"--mantine-color-default-hover": "var(--dc-surface-3)",
	"--mantine-color-default-color": "var(--dc-text)",
	"--mantine-color-default-border": "var(--dc-line-control)",
	"--mantine-color-placeholder": "var(--dc-text-3)",
	"--mantine-color-anchor": "var(--dc-link)",
	"--mantine-color-error": "var(--dc-bad)",
};

/** Makes Mantine's own colour roles follow ours, in both schemes. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
	variables: {},
	light: roles,
	dark: roles,
});
