using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.ClusterCore.Resources.Generator;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class FactsJson : JsonSerializerContext;
