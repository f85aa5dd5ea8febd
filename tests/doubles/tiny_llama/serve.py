"""xllamacpp's server on a Llama of 60,000 random weights, made here: its words mean nothing.

Runs in a Python of its own, that of `scripts/other-server`. Prints its address on a line, and
stops when its standard input closes. `--always-stop` makes the end the likeliest first token.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

KEY = "cle-locale"
WIDTH, LAYERS, INNER, HEADS = 64, 2, 128, 4
LETTERS = "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;'éèàêç"
END_TOKEN = 2
LAYER_SHAPES = {
    "attn_norm": (WIDTH,),
    "ffn_norm": (WIDTH,),
    "attn_q": (WIDTH, WIDTH),
    "attn_k": (WIDTH, WIDTH),
    "attn_v": (WIDTH, WIDTH),
    "attn_output": (WIDTH, WIDTH),
    "ffn_gate": (INNER, WIDTH),
    "ffn_up": (INNER, WIDTH),
    "ffn_down": (WIDTH, INNER),
}


def write_model(path: Path, *, always_stop: bool) -> None:
    """A GGUF file with a vocabulary of bytes and letters, the same at each run."""
    writer = gguf.GGUFWriter(str(path), "llama")
    write_settings(writer)
    write_vocabulary(writer)
    write_weights(writer, always_stop=always_stop)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_settings(writer: gguf.GGUFWriter) -> None:
    writer.add_name("hasard")
    writer.add_context_length(8192)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def write_vocabulary(writer: gguf.GGUFWriter) -> None:
    pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    tokens = ["<unk>", "<s>", "</s>", *pieces, *LETTERS]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * len(pieces) + [gguf.TokenType.NORMAL] * len(LETTERS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(rank) for rank in range(len(tokens))])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END_TOKEN)
    writer.add_unk_token_id(0)


def write_weights(writer: gguf.GGUFWriter, *, always_stop: bool) -> None:
    """Random weights; to stop, every token's embedding points where the end's output does."""
    generator = np.random.default_rng(2026)
    vocabulary = 259 + len(LETTERS)

    def draw(*shape: int) -> np.ndarray:
        return (generator.standard_normal(shape) * 0.05).astype(np.float32)

    embeddings, outputs = draw(vocabulary, WIDTH), draw(vocabulary, WIDTH)
    if always_stop:
        embeddings[:, 0] = outputs[END_TOKEN, 0] = 50.0
    writer.add_tensor("token_embd.weight", embeddings)
    writer.add_tensor("output.weight", outputs)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        for name, shape in LAYER_SHAPES.items():
            values = draw(*shape) if len(shape) > 1 else np.ones(shape, np.float32)
            writer.add_tensor(f"blk.{layer}.{name}.weight", values)


def open_server(model: Path) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.port = 0
    params.n_ctx = 16384
    params.n_parallel = 2
    params.warmup = False
    params.api_keys = [KEY]
    params.cpuparams.n_threads = 1
    params.use_jinja = True
    params.sampling.temp = 0.0
    return xllamacpp.Server(params)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tiny_llama")
    parser.add_argument("--always-stop", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "hasard.gguf"
        write_model(model, always_stop=options.always_stop)
        server = open_server(model)
        print(server.listening_address, KEY, flush=True)  # noqa: T201 - it is what callers read
        sys.stdin.read()


main()
