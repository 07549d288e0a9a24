using System.Text.Encodings.Web;
using System.Text.Json;

namespace Flotilla.ClusterCore.ApiServer.Statuses;

/// <summary>How this server writes JSON: compact, and escaping only what JSON itself asks for.</summary>
internal static class JsonWriting
{
    public static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 1000,
    };
}
