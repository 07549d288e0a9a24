using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.Benchmarks;

/// <summary>One measured figure, printed as one line of JSON.</summary>
/// <param name="Peer">The same figure of the peer that ran beside, in the same run; null where none did.</param>
/// <param name="Load">What ran on the machine meanwhile.</param>
public sealed record Figure(string Name, double Value, string Unit, int Runs, string Load, double? Peer = null)
{
    public double? Ratio => Peer is { } peer and > 0 ? Math.Round(Value / peer, 3) : null;

    public string Machine { get; } = Benchmarks.Machine.Description;

    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this, FigureJson.Default.Figure));
}

[JsonSerializable(typeof(Figure))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class FigureJson : JsonSerializerContext;

internal static class Machine
{
    public static string Description { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, {Environment.OSVersion.Version}, .NET {Environment.Version}");
}
