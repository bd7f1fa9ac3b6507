/**
 * An annotation: with the value `true` a container runs nothing, whatever programs
 * there are, until it is stopped. Porto's containers without a command are such.
 */
export const IDLE_ANNOTATION: string = "portolan.idle";
