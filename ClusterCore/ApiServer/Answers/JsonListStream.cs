using System.Buffers;
using System.Text.Json;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary>A list as JSON, stored bytes one after the other: a long list is never whole in memory, and lets others pass.</summary>
internal static class JsonListStream
{
    /// <summary>Each time the connection's writer takes over and this waits: with a quarter of it a long list takes a tenth more CPU.</summary>
    private const int FlushEvery = 256 * 1024;

    public static ReadOnlySpan<byte> Tail => "]}"u8;

    public static async Task SendAsync(Scope scope, ListPage page)
    {
        var response = scope.Request.Http.Response;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-cache, private";
        if (HttpMethods.IsHead(scope.Request.Http.Request.Method)) { return; }
        var writer = response.BodyWriter;
        WriteHead(writer, scope, page);
        for (var i = 0; i < page.Items.Count; i++)
        {
            WriteItem(writer, scope, page.Items[i], i == 0);
            if (writer.UnflushedBytes >= FlushEvery) { await writer.FlushAsync(scope.Aborted); }
        }

        writer.Write(Tail);
        await writer.FlushAsync(scope.Aborted);
    }

    /// <summary>Everything up to the first item.</summary>
    public static void WriteHead(IBufferWriter<byte> output, Scope scope, ListPage page)
    {
        using (var writer = new Utf8JsonWriter(output, JsonWriting.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, scope.Resource.ListKind);
            writer.WriteString("apiVersion"u8, scope.Resource.ApiVersion);
            writer.WriteStartObject("metadata"u8);
            writer.WriteString("resourceVersion"u8, page.Revision.ToString());
            if (page.Continue is not null) { writer.WriteString("continue"u8, page.Continue); }
            if (page.Remaining is { } remaining) { writer.WriteNumber("remainingItemCount"u8, remaining); }
            writer.WriteEndObject();
            writer.WriteStartArray("items"u8);
        }
    }

    public static void WriteItem(IBufferWriter<byte> output, Scope scope, CacheEntry item, bool isFirst)
    {
        if (!isFirst) { output.Write(","u8); }
        output.Write(StoredVersions.Show(scope, item.Value).Span);
    }
}
