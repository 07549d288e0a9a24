using System.Buffers;
using System.Text.Json;

namespace Flotilla.ClusterCore.ApiServer.Statuses;

/// <summary>One entry of <c>details.causes</c>.</summary>
public sealed record StatusCause(string Reason, string Message, string? Field = null);

/// <summary>What a refused or failed request is answered with: a <c>v1 Status</c>.</summary>
internal sealed record Status(int Code, string? Reason, string Message)
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    public int RetryAfterSeconds { get; init; }

    /// <summary><c>metadata.continue</c>: how to go on after a 410.</summary>
    public string? Continue { get; init; }

    public bool IsSuccess => Code < 400;

    /// <summary>An empty name counts: clients print some messages only of a Status that has details, be they empty.</summary>
    private bool HasDetails => (Name, Group, Kind, Uid) is not (null, null, null, null) || Causes.Count > 0 || RetryAfterSeconds > 0;

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonWriting.Options)) { Write(writer); }
        return buffer.WrittenSpan.ToArray();
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Status"u8);
        writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteStartObject("metadata"u8);
        WriteIfSet(writer, "continue", Continue);
        writer.WriteEndObject();
        writer.WriteString("status"u8, IsSuccess ? "Success"u8 : "Failure"u8);
        WriteIfSet(writer, "message", Message);
        WriteIfSet(writer, "reason", Reason);
        if (HasDetails) { WriteDetails(writer); }
        if (!IsSuccess) { writer.WriteNumber("code"u8, Code); }
        writer.WriteEndObject();
    }

    private void WriteDetails(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("details"u8);
        WriteIfSet(writer, "name", Name);
        WriteIfSet(writer, "group", Group);
        WriteIfSet(writer, "kind", Kind);
        WriteIfSet(writer, "uid", Uid);
        if (Causes.Count > 0)
        {
            writer.WriteStartArray("causes"u8);
            foreach (var cause in Causes) { WriteCause(writer, cause); }
            writer.WriteEndArray();
        }

        if (RetryAfterSeconds > 0) { writer.WriteNumber("retryAfterSeconds"u8, RetryAfterSeconds); }
        writer.WriteEndObject();
    }

    private static void WriteCause(Utf8JsonWriter writer, StatusCause cause)
    {
        writer.WriteStartObject();
        WriteIfSet(writer, "reason", cause.Reason);
        WriteIfSet(writer, "message", cause.Message);
        WriteIfSet(writer, "field", cause.Field);
        writer.WriteEndObject();
    }

    private static void WriteIfSet(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) { writer.WriteString(name, value); }
    }
}
