package org.ipex4j.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between modules and packages that docs/architecture.md draws. */
class ArchitectureTest {
    private static final String ALL = "org.ipex4j..";

    /** What each module knows besides itself. */
    private static final Map<String, List<String>> KNOWS =
            Map.of(
                    "ir", List.of(),
                    "compiler", List.of("ir"),
                    "runtime", List.of("ir"),
                    "formats", List.of("ir"),
                    "engine", List.of("ir", "compiler", "runtime", "formats"),
                    "zoo", List.of("engine", "formats"),
                    "app", List.of("ir", "runtime", "formats", "engine", "zoo"));

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("org.ipex4j");

    private static String module(String name) {
        return "org.ipex4j." + name + "..";
    }

    @Test
    void everyModuleIsLookedAt() {
        KNOWS.keySet()
                .forEach(
                        m ->
                                assertThat(CLASSES)
                                        .as(m)
                                        .anyMatch(
                                                c ->
                                                        c.getPackageName()
                                                                .startsWith("org.ipex4j." + m)));
        assertThat(CLASSES)
                .allMatch(
                        c -> KNOWS.containsKey(c.getPackageName().split("\\.")[2]),
                        "in a module that KNOWS lists");
    }

    @Test
    void modulesKnowOnlyThoseBelow() {
        KNOWS.forEach(
                (module, known) -> {
                    String[] allowed =
                            Stream.concat(Stream.of(module), known.stream())
                                    .map(ArchitectureTest::module)
                                    .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage(module(module))
                            .should()
                            .dependOnClassesThat(
                                    resideInAPackage(ALL).and(not(resideInAnyPackage(allowed))))
                            .check(CLASSES);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.ipex4j.ir.(*)..",
                "org.ipex4j.compiler.(*)..",
                "org.ipex4j.compiler.loop.(*)..",
                "org.ipex4j.runtime.(*)..",
                "org.ipex4j.app.(*).."
            })
    void packagesHaveNoCycles(String pattern) {
        slices().matching(pattern).should().beFreeOfCycles().check(CLASSES);
    }

    /** Arrays and dispatch know each other: every call of an array is dispatched. */
    @ParameterizedTest
    @CsvSource({
        "org.ipex4j.engine.ndarray.., org.ipex4j.engine.capture..",
        "org.ipex4j.engine.dispatch.., org.ipex4j.engine.capture..",
        "org.ipex4j.engine.weights.., org.ipex4j.engine.capture..",
        "org.ipex4j.engine.plan.., org.ipex4j.engine.capture..",
        "org.ipex4j.engine.plan.., org.ipex4j.engine.dispatch..",
        "org.ipex4j.engine.ndarray.., org.ipex4j.engine.weights..",
        "org.ipex4j.engine.dispatch.., org.ipex4j.engine.weights..",
        "org.ipex4j.engine.capture.., org.ipex4j.engine.weights..",
    })
    void packagesOfTheEngine(String from, String to) {
        noClasses()
                .that()
                .resideInAPackage(from)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(to)
                .check(CLASSES);
    }

    /** The interpreter says what is right; only ops with sizes from data run on it. */
    @Test
    void theReferenceIsNotUsedToCompile() {
        noClasses()
                .that()
                .resideInAPackage(ALL)
                .and()
                .resideOutsideOfPackages(
                        "org.ipex4j.compiler.reference..", "org.ipex4j.engine.dispatch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.ipex4j.compiler.reference..")
                .check(CLASSES);
    }

    /** And to the bench, which hands weights to its peers. */
    @Test
    void nativeMemoryBelongsToRuntimeFormatsAndEngine() {
        noClasses()
                .that()
                .resideInAPackage(ALL)
                .and()
                .resideOutsideOfPackages(
                        module("runtime"),
                        module("formats"),
                        module("engine"),
                        "org.ipex4j.app.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(CLASSES);
    }

    @Test
    void onlyTheRuntimeCallsNativeCode() {
        noClasses()
                .that()
                .resideInAPackage(ALL)
                .and()
                .resideOutsideOfPackage(module("runtime"))
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup).*")
                .check(CLASSES);
    }

    @Test
    void logsGoThroughSlf4j() {
        noClasses()
                .that()
                .resideInAPackage(ALL)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ALL)
                .and()
                .resideOutsideOfPackage(module("app"))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CLASSES);
    }
}
