/**
 * Word indices of a job: the one description of it that the host writes and the kernels read. All words are 32 bits wide.
 * A job is a header of `HEADER` words followed by `LAYER_WORDS` words a layer; its tasks are `TASK_WORDS` words each.
 * This file is compiled twice, as TypeScript for `lib/engine/cpu` and as AssemblyScript here: plain constants only.
 * @module
 */

// The host writes these.
/** What one item of the job does, one of the `JOB_` codes. */
export const KIND = 0;
/** Number of layers. */
export const LAYERS = 1;
/** Activation code: its index in `ACTIVATIONS`. */
export const ACTIVATION = 2;
/** Support loss, one of the `LOSS_` codes. */
export const LOSS = 3;
/** δ or τ of the loss, float. */
export const LOSS_SCALE = 4;
/** Inner steps. */
export const STEPS = 5;
/** Sharing of rates, one of the `PER_` codes. */
export const RATE_PER = 6;
/** Rows of logLr. */
export const RATE_ROWS = 7;
/** 1 when only the last layer adapts. */
export const HEAD_ONLY = 8;
/** ρ, float. */
export const PROXIMAL = 9;
/** Outer gradient, one of the `GRADIENT_` codes. */
export const GRADIENT = 10;
/** Last steps that keep curvature. */
export const BACKPROP_STEPS = 11;
/** Most conjugate-gradient iterations. */
export const CG_STEPS = 12;
/** Relative residual at which conjugate gradients stop, float. */
export const TOLERANCE = 13;
/** Most rows of a support set. */
export const SUPPORT_ROWS = 14;
/** Most rows of a query set. */
export const QUERY_ROWS = 15;
/** Number of tasks. */
export const TASKS = 16;
/** Address of the learner `[params | logLr | phi | weightDecay]` in the public layout. */
export const LEARNER = 17;
/** Address of s_k, `[steps + 1]`. */
export const STEP_WEIGHTS = 18;
/** Address of the task table. */
export const TASK_TABLE = 19;
/** Address of the results in the public layout. */
export const RESULT = 20;
/** Address of the second results: losses. */
export const LOSSES = 21;
/** Address of a vector in the public parameter layout: the Hessian's right-hand side. */
export const VECTOR = 22;
/** Address of the packed learner: `PACKED_BYTES` long. */
export const PACKED = 23;
/** Address of every group's packed gradient, `GRADIENT_BYTES` each. */
export const GRADIENTS = 24;
/** Address of the first thread's scratch, `SCRATCH_BYTES` a thread. */
export const SCRATCH = 25;
/** Consecutive tasks that one item of `JOB_META` sums into one packed gradient. */
export const GROUP = 26;
/** What an item is now, one of the `PHASE_` codes. */
export const PHASE = 27;
/** Sum of the `WANT_` codes of what a meta job returns besides the gradient by θ_0; the others may be left 0. */
export const WANTS = 28;
/** Address of the team block where threads share one task's sweeps, or 0. */
export const TEAM = 29;
/** Parts that a shared sweep is split into. */
export const PARTS = 30;

// `plan` writes these.
/** Bytes of a parameter vector in the packed layout. */
export const VECTOR_BYTES = 32;
/** Bytes of a packed learner: θ_0, then a second vector, then the rates. */
export const PACKED_BYTES = 33;
/** Bytes of one task's packed gradient. */
export const GRADIENT_BYTES = 34;
/** Bytes of scratch a thread needs. */
export const SCRATCH_BYTES = 35;
/** Network parameters in the public layout. */
export const PARAMETERS = 36;
/** Rates in the public layout. */
export const RATES = 37;
/** Bytes of the rates' gradient in a packed gradient. */
export const RATE_BYTES = 38;
/** Offset of the layers' rates, `[rate rows, layers]`, in a packed learner. */
export const LAYER_RATES = 39;
/** Offset of the parameters' rates, `[rate rows][packed vector]`, in a packed learner. */
export const PARAMETER_RATES = 40;
/** Bytes of one slot: all that one sweep over a sample set keeps. */
export const SLOT_BYTES = 41;
/** Slots for support sweeps. */
export const SLOTS = 42;
/** Bytes of a block of transposed weights. */
export const TURNED_BYTES = 43;
/** Offset of the transposed weights of θ_0 in a packed learner. */
export const START_TURNED = 44;
/** Offsets in scratch: zeros, the frames, padded inputs, row coefficients and losses, slots, trajectory, and sweep vectors. */
export const AT_ZERO = 45;
export const AT_FRAMES = 46;
export const AT_SUPPORT_X = 47;
export const AT_QUERY_X = 48;
export const AT_SUPPORT_C = 49;
export const AT_QUERY_C = 50;
export const AT_ROW_LOSSES = 51;
export const AT_SLOTS = 52;
export const AT_QUERY_SLOT = 53;
export const AT_THETAS = 54;
export const AT_TURNED = 55;
export const AT_DIRECTIONS = 56;
export const AT_U = 57;
export const AT_U_TURNED = 58;
export const AT_TANGENT = 59;
export const AT_VECTORS = 60;
export const AT_GRADIENT = 61;
export const AT_GRAM = 62;

/** Words of the header. */
export const HEADER = 64;

// One layer.
/** Words of one layer's entry. */
export const LAYER_WORDS = 16;
/** Input width (the host writes it). */
export const INPUTS = 0;
/** Output width (the host writes it). */
export const OUTPUTS = 1;
/** Padded input width, floats. */
export const LD_IN = 2;
/** Padded output width, floats. */
export const LD_OUT = 3;
/** 1 when the weights are stored transposed, `[outputs][LD_IN]`, because the layer is narrow. */
export const FLIPPED = 4;
/** Byte offset of the weights in a packed vector. */
export const WEIGHTS = 5;
/** Byte offset of the bias in a packed vector. */
export const BIAS = 6;
/** Byte offset of the layer in a parameter vector of the public layout. */
export const PUBLIC = 7;
/** Byte offset in a slot: the layer's output a (or ŷ). */
export const OUTPUT = 8;
/** Byte offset in a slot: σ′(z) of a smooth hidden layer. */
export const SLOPE = 9;
/** Byte offset in a slot: (δWᵀ) ⊙ σ″(z) of a smooth hidden layer; c ℓ″(ŷ) of the last layer. */
export const CURVE = 10;
/** Byte offset in a slot: δ, the loss by z. */
export const DELTA = 11;
/** Byte offset in the tangent area: Rz. */
export const R_Z = 12;
/** Byte offset in the tangent area: Ra. */
export const R_OUTPUT = 13;
/** Byte offset in the tangent area: Rδ. */
export const R_DELTA = 14;
/** Byte offset in a block of transposed weights: this layer's, `[LD_OUT][LD_IN]`; of no use to flipped layers and the first. */
export const TRANSPOSED = 15;

// One task.
/** Words of one task's entry. */
export const TASK_WORDS = 8;
/** Rows, and addresses of x, y and weights (0: none), of the support set. */
export const S_ROWS = 0;
export const S_X = 1;
export const S_Y = 2;
export const S_W = 3;
/** The same of the query set. For `JOB_PREDICT` and `JOB_FORWARD` y is where predictions go. */
export const Q_ROWS = 4;
export const Q_X = 5;
export const Q_Y = 6;
export const Q_W = 7;

// Codes.
export const PHASE_TASKS = 0;
export const PHASE_REDUCE = 1;

/** Most query rows that are predicted without taking the last inner step. */
export const UNTAKEN_ROWS = 8;

/** Bytes of a packed gradient that one item of `PHASE_REDUCE` takes. */
export const REDUCE_BYTES = 4096;

export const JOB_FORWARD = 0;
export const JOB_LOSS_GRADIENT = 1;
export const JOB_HESSIAN_VECTOR = 2;
export const JOB_ADAPT = 3;
export const JOB_PREDICT = 4;
export const JOB_META = 5;

export const LOSS_MSE = 0;
export const LOSS_HUBER = 1;
export const LOSS_LEARNED = 2;

export const PER_SCALAR = 0;
export const PER_LAYER = 1;
export const PER_PARAMETER = 2;

export const WANT_RATES = 1;
export const WANT_PHI = 2;
export const WANT_DECAY = 4;

export const GRADIENT_UNROLLED = 0;
export const GRADIENT_REPTILE = 1;
export const GRADIENT_IMPLICIT = 2;
