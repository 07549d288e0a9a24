using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources;

/// <param name="Object">Null when the body could not be decoded at all.</param>
/// <param name="Error">Why not; the message of a 400.</param>
/// <param name="FieldErrors">
/// Unknown and duplicate fields, in upstream's words: refused when the client asked for strict validation (see <see cref="StrictError"/>),
/// sent as warnings when it asked for warn.
/// </param>
public sealed record DecodeResult(JsonObject? Object, string? Error, IReadOnlyList<string> FieldErrors)
{
    public static DecodeResult Failed(string error) => new(null, error, []);

    public string? StrictError => FieldErrors.Count == 0 ? null : $"strict decoding error: {string.Join(", ", FieldErrors)}";
}
