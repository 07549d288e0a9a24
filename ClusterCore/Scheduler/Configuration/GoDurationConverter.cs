using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary><c>metav1.Duration</c>: "15s".</summary>
public sealed class GoDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && GoDuration.TryParse(text, out var nanoseconds)
            ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
            : throw new JsonException("a duration such as 15s is wanted");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        throw new NotSupportedException("configuration is only read");
}
