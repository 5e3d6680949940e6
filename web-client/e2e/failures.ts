import type { Reporter, TestModule } from "vitest/node";

/** Names what failed once more, a line each, after everything else: the end of a long log is what people read. */
export default class Failures implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		for (const module of modules) {
			const where = module.relativeModuleId;
			for (const error of module.errors()) {
				console.error(`failed: ${where}: ${firstLine(error.message)}`);
			}
			for (const suite of module.children.allSuites()) {
				for (const error of suite.errors()) {
					console.error(
						`failed: ${where}: ${suite.fullName}: ${firstLine(error.message)}`,
					);
				}
			}
			for (const test of module.children.allTests("failed")) {
				const error = test.result().errors?.[0];
				console.error(
					`failed: ${where}: ${test.fullName}: ${firstLine(error?.message ?? "")}`,
				);
			}
		}
	}
}

function firstLine(text: string): string {
	return text.split("\n", 1)[0]?.slice(0, 300) ?? "";
}
