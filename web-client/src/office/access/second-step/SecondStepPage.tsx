import type { ComponentProps } from "react";
import { Door } from "../Door";
import { SecondStepForm } from "./SecondStepForm";

/** The second step, in the place of the first. */
export function SecondStepPage(form: ComponentProps<typeof SecondStepForm>) {
	return (
		<Door>
			<SecondStepForm {...form} />
		</Door>
	);
}
