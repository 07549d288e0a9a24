using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.Portal.Cli.Configuration;

/// <summary><c>~/.config/flotilla/config.json</c>, readable by its owner alone because it holds the token.</summary>
internal sealed class ConfigFile(string path)
{
    public string Path => path;

    public static ConfigFile OfUser()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config
            ? config
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return new(System.IO.Path.Combine(home, "flotilla", "config.json"));
    }

    public async Task<CliConfig> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) { return CliConfig.None; }
        try
        {
            await using var file = File.OpenRead(path);
            return await JsonSerializer.DeserializeAsync(file, ConfigJson.Default.CliConfig, cancellationToken) ?? CliConfig.None;
        }
        catch (JsonException e) { throw new CliException($"{path} is not valid: {e.Message}"); }
    }

    public async Task WriteAsync(CliConfig config, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var draft = path + ".new";
        await using (var file = PrivateFile.Create(draft))
        {
            await JsonSerializer.SerializeAsync(file, config, ConfigJson.Default.CliConfig, cancellationToken);
        }
        File.Move(draft, path, overwrite: true);
    }

    public void Delete() => File.Delete(path);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CliConfig))]
internal sealed partial class ConfigJson : JsonSerializerContext;
