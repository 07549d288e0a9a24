using System.Text.Json.Serialization;

namespace Flotilla.Provisioner.Machines.Processes;

[JsonSerializable(typeof(ProcessRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ProcessJson : JsonSerializerContext;
