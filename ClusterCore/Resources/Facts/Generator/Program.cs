using Flotilla.ClusterCore.Resources.Generator;

// Run after a change of the JSON files: dotnet run --project ClusterCore/Resources/Facts/Generator ClusterCore/Resources/Facts
if (args is not [var folder])
{
    Console.Error.WriteLine("usage: ClusterCore.Resources.Generator FACTS-FOLDER");
    return 1;
}

File.WriteAllBytes(Path.Combine(folder, "api-facts.bin"), FactsWriter.Write(folder));
return 0;
