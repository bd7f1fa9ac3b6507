import { able } from "./calls.ts";
import type { Core } from "./core.ts";
import type {
  ImageDetails,
  ImageHistoryEntry,
  ImageSummary,
  OperationOptions,
} from "./engine.ts";
import { showAs } from "./shown.ts";

/** An image in an engine's storage. */
export class Image {
  readonly #core: Core;
  #summary: ImageSummary;

  /** Images are made by a {@link Runtime}. @internal */
  constructor(core: Core, summary: ImageSummary) {
    this.#core = core;
    this.#summary = summary;
    core.own(this, "image");
  }

  /** What the engine names it by, for good. */
  get id(): string {
    return this.#summary.id;
  }

  /** What it is mostly called by; absent if it has no name. */
  get name(): string | undefined {
    return this.#summary.names[0];
  }

  /** `repository:tag`, as far as {@link Image.summary} knows. */
  get names(): readonly string[] {
    return this.#summary.names;
  }

  /** The image as it was when this object was made, or last refreshed. */
  get summary(): ImageSummary {
    return this.#summary;
  }

  /**
   * Asks for {@link Image.summary} again.
   *
   * @throws NoSuchImage; NotSupported
   */
  async refresh(options: OperationOptions = {}): Promise<ImageSummary> {
    this.#summary = await this.#core.run(options, (engine, left) =>
      able(engine, "getImage").getImage(this.id, left()),
    );
    return this.#summary;
  }

  /** @throws NoSuchImage; NotSupported */
  async inspect(options: OperationOptions = {}): Promise<ImageDetails> {
    return await this.#core.run(options, (engine, left) =>
      able(engine, "inspectImage").inspectImage(this.id, left()),
    );
  }

  /**
   * How it was made, the last step first.
   *
   * @throws NoSuchImage; NotSupported
   */
  async history(
    options: OperationOptions = {},
  ): Promise<readonly ImageHistoryEntry[]> {
    return await this.#core.run(options, (engine, left) =>
      able(engine, "imageHistory").imageHistory(this.id, left()),
    );
  }

  static {
    showAs(Image, "Image", ({ id, names }) => ({ id, names }));
  }
}
